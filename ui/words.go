package ui

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"counterfoil/assets"
)

// The languages there are, as Words and the setting counter.language name them.
const (
	English = "en"
	Chinese = "zh"
)

// Words finds a message's text in the language in force. It is safe for
// concurrent use; the language may change while the program runs.
type Words struct {
	bundle *i18n.Bundle

	mu     sync.RWMutex
	lang   string
	locale *i18n.Localizer
	plain  map[string]string // texts without values, of the language in force
}

// NewWords loads every room's messages and starts in lang, "zh" or "en".
func NewWords(lang string) (*Words, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	files, err := fs.Glob(assets.Languages, "languages/*.toml")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(assets.Languages, file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if _, err := bundle.ParseMessageFileBytes(data, path.Base(file)); err != nil {
			return nil, fmt.Errorf("parse %s: %w", file, err)
		}
	}
	w := &Words{bundle: bundle}
	w.SetLanguage(lang)
	return w, nil
}

// Language is the language in force, "zh" or "en".
func (w *Words) Language() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.lang
}

// SetLanguage switches to "zh"; anything else is English.
func (w *Words) SetLanguage(lang string) {
	if lang != Chinese {
		lang = English
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lang == lang {
		return
	}
	w.lang = lang
	w.locale = i18n.NewLocalizer(w.bundle, lang)
	w.plain = map[string]string{}
}

// T returns the text of a message. Values fill its places by name; a value
// named Count also picks singular or plural. An id that no language has comes
// back as it is, so that a gap is seen and nothing breaks.
func (w *Words) T(id string, args ...map[string]any) string {
	w.mu.RLock()
	text, known := w.plain[id]
	locale, lang := w.locale, w.lang
	w.mu.RUnlock()
	if known && len(args) == 0 {
		return text
	}
	config := i18n.LocalizeConfig{MessageID: id}
	if len(args) > 0 {
		config.TemplateData = args[0]
		if n, ok := args[0]["Count"]; ok {
			config.PluralCount = n
		}
	}
	text, err := locale.Localize(&config)
	if text == "" && err != nil {
		text = id
	}
	if len(args) == 0 {
		w.mu.Lock()
		if w.lang == lang {
			w.plain[id] = text
		}
		w.mu.Unlock()
	}
	return text
}

// DetectLanguage answers the setting "auto" from the environment, in the order
// in which POSIX reads it: zh for a Chinese locale, else en.
func DetectLanguage(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), Chinese) {
				return Chinese
			}
			return English
		}
	}
	return English
}
