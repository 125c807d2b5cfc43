// Command sif handles requests about image files with the reference implementation: one JSON document
// per line of standard input, one result per line of standard output. As `sif siftool …` it is the
// reference's siftool.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/sylabs/sif/v2/pkg/siftool"
)

// request is one line of input; which fields count depends on Do.
type request struct {
	// Do is apply, hash, list, sign or verify.
	Do string `json:"do"`
	// Image is the path of the image file.
	Image string `json:"image"`

	Operations []operation `json:"operations"`
	keyOptions
	scopeOptions
}

// outcome is one line of output. Error is empty on success.
type outcome struct {
	Error string `json:"error"`
	// Errors has the error of every operation, empty on success.
	Errors []string `json:"errors,omitempty"`
	timing
}

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == "siftool" {
		err = runSiftool(os.Args[2:])
	} else {
		err = serve(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runSiftool(args []string) error {
	root := &cobra.Command{Use: "siftool", SilenceUsage: true, SilenceErrors: true}
	if err := siftool.AddCommands(root); err != nil {
		return err
	}
	root.SetArgs(args)
	return root.Execute()
}

func serve(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(bufio.NewReader(in))
	decoder.DisallowUnknownFields()
	encoder := json.NewEncoder(out)
	for {
		var asked request
		if err := decoder.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := encoder.Encode(handle(asked)); err != nil {
			return err
		}
	}
}

func handle(asked request) (result outcome) {
	// Hostile images have made the library panic; that is a result, too.
	defer func() {
		if reason := recover(); reason != nil {
			result.Error = fmt.Sprint("panic: ", reason)
		}
	}()
	var err error
	switch asked.Do {
	case "apply":
		result.Errors = apply(asked.Image, asked.Operations)
	case "hash":
		result.timing, err = hash(asked.Image, asked.Objects)
	case "list":
		result.timing, err = list(asked.Image)
	case "sign":
		err = sign(asked.Image, asked.keyOptions, asked.scopeOptions)
	case "verify":
		result.timing, err = verify(asked.Image, asked.keyOptions, asked.scopeOptions)
	default:
		err = fmt.Errorf("unknown request %q", asked.Do)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}
