// Command refs prints how the published Go client reads refs. It reads one JSON string per line from standard
// input and writes one JSON object per line with the results of every function that takes a ref or a part of one.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/sylabs/scs-library-client/client"
)

// results holds the result of each function of the client for one input.
type results struct {
	Parse            ref         `json:"parse"`
	ParseAmbiguous   ref         `json:"parseAmbiguous"`
	IsLibraryPullRef bool        `json:"isLibraryPullRef"`
	IsLibraryPushRef bool        `json:"isLibraryPushRef"`
	IsRefPart        bool        `json:"isRefPart"`
	IsImageHash      bool        `json:"isImageHash"`
	LibraryPath      libraryPath `json:"libraryPath"`
}

// ref is a parsed ref, or the code of the error that refused it.
type ref struct {
	Error    string   `json:"error,omitempty"`
	Host     string   `json:"host"`
	Path     string   `json:"path"`
	Tags     []string `json:"tags"`
	Hostname string   `json:"hostname"`
	Port     string   `json:"port"`
	Text     string   `json:"text"`
}

type libraryPath struct {
	Entity     string   `json:"entity"`
	Collection string   `json:"collection"`
	Container  string   `json:"container"`
	Tags       []string `json:"tags"`
}

// sentinels maps the client's errors to the codes of @sifshelf/protocol.
var sentinels = map[error]string{
	client.ErrRefSchemeNotValid:       "ref-scheme-not-valid",
	client.ErrRefUserNotPermitted:     "ref-user-not-permitted",
	client.ErrRefQueryNotPermitted:    "ref-query-not-permitted",
	client.ErrRefFragmentNotPermitted: "ref-fragment-not-permitted",
	client.ErrRefPathNotValid:         "ref-path-not-valid",
	client.ErrRefTagsNotValid:         "ref-tags-not-valid",
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(bufio.NewReader(in))
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	for {
		var raw string
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return writer.Flush()
		} else if err != nil {
			return fmt.Errorf("reading an input: %w", err)
		}
		if err := encoder.Encode(resultsOf(raw)); err != nil {
			return fmt.Errorf("writing a result: %w", err)
		}
	}
}

func resultsOf(raw string) results {
	a := results{
		Parse:            describe(client.Parse(raw)),
		ParseAmbiguous:   describe(client.ParseAmbiguous(raw)),
		IsLibraryPullRef: client.IsLibraryPullRef(raw),
		IsLibraryPushRef: client.IsLibraryPushRef(raw),
		IsRefPart:        client.IsRefPart(raw),
		IsImageHash:      client.IsImageHash(raw),
	}
	p := &a.LibraryPath
	p.Entity, p.Collection, p.Container, p.Tags = client.ParseLibraryPath(raw)
	p.Tags = nonNil(p.Tags)
	return a
}

// describe returns "not-utf-8" for a ref that JSON cannot carry, and "ref-url-not-valid" for errors of net/url.
func describe(r *client.Ref, err error) ref {
	if err != nil {
		if code, ok := sentinels[err]; ok {
			return ref{Error: code, Tags: []string{}}
		}
		return ref{Error: "ref-url-not-valid", Tags: []string{}}
	}
	if !utf8.ValidString(r.String()) || !utf8.ValidString(r.Host) || !utf8.ValidString(r.Path) {
		return ref{Error: "not-utf-8", Tags: []string{}}
	}
	for _, tag := range r.Tags {
		if !utf8.ValidString(tag) {
			return ref{Error: "not-utf-8", Tags: []string{}}
		}
	}
	return ref{
		Host:     r.Host,
		Path:     r.Path,
		Tags:     nonNil(r.Tags),
		Hostname: r.Hostname(),
		Port:     r.Port(),
		Text:     r.String(),
	}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
