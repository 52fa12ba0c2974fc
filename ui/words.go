package ui

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"

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
	mu    sync.RWMutex
	lang  string
	ascii bool
	clean func(string) string // nil for none
	plain sync.Map            // texts without values, of the language in force, by id
}

// NewWords starts in lang, "zh" or "en".
func NewWords(lang string) (*Words, error) {
	w := &Words{}
	if read := languages[lang]; read != nil {
		if _, err := read(); err != nil {
			return nil, err
		}
	}
	w.SetLanguage(lang)
	return w, nil
}

// languages read a language's files; each does so once in a process, and none
// that nobody asked for.
var languages = map[string]func() (*locale, error){English: readOnce(English), Chinese: readOnce(Chinese)}

// locale is a language. A text becomes a message of the library's when it is told
// first: most are told by no run of the program.
type locale struct {
	mu       sync.Mutex
	tag      language.Tag
	bundle   *i18n.Bundle
	messages *i18n.Localizer
	texts    map[string]any // not told yet, by id, as the files have them
}

func readOnce(lang string) func() (*locale, error) {
	return sync.OnceValues(func() (*locale, error) {
		l := &locale{tag: language.Make(lang), texts: map[string]any{}}
		l.bundle = i18n.NewBundle(l.tag)
		l.messages = i18n.NewLocalizer(l.bundle, lang)
		files, err := fs.Glob(assets.Languages, "languages/*."+lang+".toml")
		if err != nil {
			return nil, fmt.Errorf("list languages: %w", err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(assets.Languages, file)
			if err == nil {
				err = toml.Unmarshal(text, &l.texts)
			}
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
		}
		return l, nil
	})
}

// tell is the library's Localize.
func (l *locale) tell(config *i18n.LocalizeConfig) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text, ok := l.texts[config.MessageID]; ok {
		delete(l.texts, config.MessageID)
		message, err := i18n.NewMessage(text)
		if err == nil {
			message.ID = config.MessageID
			err = l.bundle.AddMessages(l.tag, message)
		}
		if err != nil {
			return "", err
		}
	}
	return l.messages.Localize(config)
}

// Language is the language in force, "zh" or "en".
func (w *Words) Language() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.lang
}

// SetClean has clean go over every text that fills a place of a message: what
// others wrote must not disturb a terminal. It is called before the first T.
func (w *Words) SetClean(clean func(string) string) { w.clean = clean }

// SetASCII keeps all texts to what a terminal of ASCII can show, in English.
func (w *Words) SetASCII(ascii bool) {
	w.mu.Lock()
	w.ascii = ascii
	w.plain.Clear()
	w.mu.Unlock()
	w.SetLanguage(w.Language())
}

// ASCII reports whether only ASCII can be shown.
func (w *Words) ASCII() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.ascii
}

// Spell is a text of the program's own as the terminal can show it. It may grow.
func (w *Words) Spell(text string) string {
	if w.ASCII() {
		return spelled.Replace(text)
	}
	return text
}

// SetLanguage switches to "zh" where that can be shown; anything else is English.
func (w *Words) SetLanguage(lang string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if lang != Chinese || w.ascii {
		lang = English
	}
	if w.lang == lang {
		return
	}
	w.lang = lang
	w.plain.Clear()
}

// T returns the text of a message. Values fill its places by name; a value
// named Count also picks singular or plural. An id that no language has comes
// back as it is, so that a gap is seen and nothing breaks.
func (w *Words) T(id string, args ...map[string]any) string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if text, known := w.plain.Load(id); known && len(args) == 0 {
		return text.(string)
	}
	config := i18n.LocalizeConfig{MessageID: id}
	if len(args) > 0 {
		config.TemplateData = w.cleaned(args[0])
		if n, ok := args[0]["Count"]; ok {
			config.PluralCount = n
		}
	}
	text := id
	for _, lang := range []string{w.lang, English} { // which stands in for what another language lacks
		if locale, err := languages[lang](); err == nil {
			if found, err := locale.tell(&config); found != "" || err == nil {
				text = found
				break
			}
		}
	}
	if w.ascii {
		text = spelled.Replace(text)
	}
	if len(args) == 0 {
		w.plain.Store(id, text)
	}
	return text
}

// amount is money as values of messages bring it, in yuan.
var amount = regexp.MustCompile(`^\d{4,}\.\d\d$`)

// number is a number that messages compare as what it is, and that reads with
// its thousands apart.
type number int64

func (n number) String() string { return Grouped(int64(n)) }

// cleaned is what fills the places of a message: without what could disturb a
// terminal, and with the thousands of amounts and counts set apart.
func (w *Words) cleaned(args map[string]any) map[string]any {
	clean := make(map[string]any, len(args))
	for name, value := range args {
		switch v := value.(type) {
		case string:
			if w.clean != nil {
				v = w.clean(v)
			}
			if value = v; amount.MatchString(v) {
				value = Apart(v)
			}
		case int:
			value = number(v)
		case int64:
			value = number(v)
		case uint64:
			value = number(v)
		}
		if name == "Seq" || name == "PID" { // they name something
			value = args[name]
		}
		clean[name] = value
	}
	return clean
}

// TimeOfDay is how a person is told a time: in the shop's zone, wherever the
// time came from.
func TimeOfDay(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

// Told returns the values of a message with their times as a person is told them.
func Told(args map[string]any, zone *time.Location) map[string]any {
	told := maps.Clone(args)
	for name, value := range told {
		if t, ok := value.(time.Time); ok {
			told[name] = TimeOfDay(t, zone)
		}
	}
	return told
}

// DetectLanguage answers the setting "auto" from the environment, in the order
// in which POSIX reads it: zh for a Chinese locale, else en.
func DetectLanguage(env func(string) string) string {
	locale := cmp.Or(env("LC_ALL"), env("LC_MESSAGES"), env("LANG"))
	if strings.HasPrefix(strings.ToLower(locale), Chinese) {
		return Chinese
	}
	return English
}
