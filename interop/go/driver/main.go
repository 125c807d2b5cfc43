// Package driver turns the Go library client into a program that a test can run: one operation per
// run, a JSON report on standard output, exit status 0, 1 (the client failed) or 2 (wrong usage).
//
// It uses only features of every published version of the client. The version is chosen by the main
// module that imports it.
package driver

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/sylabs/scs-library-client/client"
)

// Command is one operation. It gets the arguments that follow its name and returns the result for the
// report.
type Command func(ctx context.Context, c *client.Client, args []string) (any, error)

// errUsage marks wrong arguments, as opposed to a failure of the client.
var errUsage = errors.New("wrong arguments")

type report struct {
	Result   any       `json:"result"`
	Error    *failure  `json:"error"`
	Requests []request `json:"requests"`
	Log      []string  `json:"log"`
}

// Main runs the command named on the command line: one that every version has, or one of extra.
func Main(extra map[string]Command) {
	url := flag.String("url", "", "base URL of the library")
	token := flag.String("token", "", "auth token; empty is anonymous")
	flag.Parse()
	command, found := commandNamed(flag.Arg(0), extra)
	if !found || *url == "" {
		fmt.Fprintln(os.Stderr, "usage: --url URL [--token TOKEN] COMMAND ARGUMENT…")
		os.Exit(2)
	}

	recorder := &recorder{next: http.DefaultTransport}
	// Old versions send the bytes of an upload with http.DefaultClient, not with the given client.
	http.DefaultClient.Transport = recorder
	lines := &lineLogger{}
	c, err := client.NewClient(&client.Config{
		BaseURL:    *url,
		AuthToken:  *token,
		UserAgent:  "sifshelf-interop/1.0",
		HTTPClient: &http.Client{Transport: recorder},
		Logger:     lines,
	})
	var result any
	if err == nil {
		result, err = command(context.Background(), c, flag.Args()[1:])
	}
	if errors.Is(err, errUsage) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	write(report{Result: result, Error: describe(err), Requests: recorder.requests, Log: lines.lines})
	if err != nil {
		os.Exit(1)
	}
}

func commandNamed(name string, extra map[string]Command) (Command, bool) {
	if command, found := extra[name]; found {
		return command, true
	}
	command, found := commands[name]
	return command, found
}

func write(r report) {
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
