package day

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"counterfoil/offline/files"
)

// slips is the folder of the day's slips in the data folder.
const slips = "slips"

// SaveSlip keeps a slip as a file in a data folder and returns its path. The first
// one of a Z is kept as it is: a copy is not saved.
func SaveSlip(data string, r *Report, text string) (string, error) {
	dir := filepath.Join(data, slips)
	path := filepath.Join(dir, fmt.Sprintf("Z%06d.txt", r.Z))
	if r.Report == X {
		path = filepath.Join(dir, "X"+r.At.Format("20060102T150405")+".txt")
	}
	err := files.Make(dir)
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
