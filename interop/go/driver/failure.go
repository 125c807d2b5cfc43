package driver

import (
	"errors"
	"fmt"

	"github.com/sylabs/scs-library-client/client"
)

type failure struct {
	// Text is the message that a user of the client sees.
	Text string `json:"text"`
	// Types are the Go types of the error and of what it wraps, outermost first.
	Types []string `json:"types"`
	// IsNotFound tells whether the error is the client's ErrNotFound.
	IsNotFound bool `json:"isNotFound"`
}

func describe(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Text: err.Error(), IsNotFound: errors.Is(err, client.ErrNotFound)}
	for e := err; e != nil; e = errors.Unwrap(e) {
		f.Types = append(f.Types, fmt.Sprintf("%T", e))
	}
	return f
}
