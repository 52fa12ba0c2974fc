package stream

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"

	"counterfoil/api"
	"counterfoil/offline/files"
)

// The log is kept for a person who looks for a cause: some weeks of a busy counter.
const (
	logMegabytes = 5
	logFiles     = 4
)

// Log is counterfoil.log in the data folder. Nothing else is ever logged
// to, least of all the terminal.
type Log struct {
	*slog.Logger
	file *lumberjack.Logger
}

// OpenLog begins the log, nil where it cannot be written: nothing waits for that.
func OpenLog(folder string, zone *time.Location) *Log {
	name := filepath.Join(folder, "counterfoil.log")
	f, err := files.Open(name, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return nil
	}
	_ = f.Close()
	file := &lumberjack.Logger{
		Filename: name,
		MaxSize:  logMegabytes, MaxBackups: logFiles, LocalTime: true,
	}
	// The HTTP library reports oddities through the standard logger, which would write on the terminal.
	log.SetOutput(file)
	return &Log{file: file, Logger: slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey && len(groups) == 0 && attr.Value.Kind() == slog.KindTime {
				return slog.String(slog.TimeKey, attr.Value.Time().In(zone).Format("2006-01-02T15:04:05.000Z07:00"))
			}
			return maskAttr(attr)
		},
	}))}
}

// Close ends the log.
func (l *Log) Close() {
	log.SetOutput(io.Discard)
	_ = l.file.Close()
}

// maskAttr masks the codes in a logged value, whatever type carries them. A
// trace number looks like a code and is none: it stays readable under its own name.
func maskAttr(attr slog.Attr) slog.Attr {
	switch attr.Value.Kind() {
	case slog.KindString:
		if attr.Key != "trace" {
			attr.Value = slog.StringValue(maskValue(attr.Key, attr.Value.String()))
		}
	case slog.KindAny:
		attr.Value = slog.StringValue(maskValue("id", fmt.Sprint(attr.Value.Any())))
	}
	return attr
}

// maskValue masks a value that is an id by its name, or the codes inside a text.
func maskValue(name, text string) string {
	if name == "id" || name == "code_id" {
		if id, err := api.ParseID(text); err == nil {
			return id.Masked()
		}
	}
	return MaskText(text)
}

// CodeForm finds codes inside a text: ten digits or more and a second half, or
// a long run of digits alone (platform.md §1). One that is masked already is found
// with its mark, which keeps it as it is.
var CodeForm = regexp.MustCompile(`\b[0-9]{10,}[-=][0-9A-Za-z]…|\b[0-9]{10,}[-=][0-9A-Za-z]+|\b[0-9]{16,64}\b`)

// MaskText masks every code in a text.
func MaskText(text string) string {
	return CodeForm.ReplaceAllStringFunc(text, func(code string) string { return api.ID(code).Masked() })
}
