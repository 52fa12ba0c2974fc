package day

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// slips is the folder of the day's slips in the data folder.
const slips = "slips"

func slipOf(data string, r *Report) string {
	name := fmt.Sprintf("Z%06d", r.Z)
	if r.Report == X {
		name = "X" + r.At.Format("20060102T150405")
	}
	return filepath.Join(data, slips, name+".txt")
}

// Unsaved are the last reports of the last close, oldest first, whose slips are not
// in a data folder: a kill came between the close and its slips, which are written
// in that order. What is missing of an earlier close somebody may have taken away.
func Unsaved(read chain.Reading, data string) (list []Report, err error) {
	err = each(read, "DESC", func(r *Report) error {
		if _, there := os.Lstat(slipOf(data, r)); there == nil || len(list) > 0 && !r.At.Equal(list[0].At) {
			return sqlite.Stop
		}
		list = append(list, *r)
		return nil
	})
	slices.Reverse(list)
	return list, err
}

// SaveSlip keeps a slip as a file in a data folder and returns its path. The first
// one of a Z is kept as it is: a copy is not saved.
func SaveSlip(data string, r *Report, text string) (string, error) {
	path := slipOf(data, r)
	err := files.Make(filepath.Dir(path))
	if err == nil {
		err = files.Whole(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	if errors.Is(err, files.ErrExists) && files.Plain(path) == nil {
		return path, nil
	}
	return path, err
}
