package driver

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sylabs/scs-library-client/client"
)

// commands are the operations that every version of the client has.
var commands = map[string]Command{
	"version":     version,
	"push":        push,
	"pull-single": pullSingle,
	"get-image":   getImage,
	"search":      search,
	"delete":      deleteImage,
}

func version(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := Expect(args); err != nil {
		return nil, err
	}
	return c.GetVersion(ctx)
}

func push(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := Expect(args, "FILE", "REF-PATH", "ARCH", "TAGS", "DESCRIPTION"); err != nil {
		return nil, err
	}
	file, err := os.Open(args[0])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var tags []string
	if args[3] != "" {
		tags = strings.Split(args[3], ",")
	}
	return c.UploadImage(ctx, file, args[1], args[2], tags, args[4], nil)
}

func pullSingle(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := Expect(args, "PATH", "TAG", "ARCH", "OUT"); err != nil {
		return nil, err
	}
	return IntoFile(args[3], func(file *os.File) error {
		return c.DownloadImage(ctx, file, args[2], args[0], args[1], nil)
	})
}

func getImage(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := Expect(args, "REF", "ARCH"); err != nil {
		return nil, err
	}
	return c.GetImage(ctx, args[1], args[0])
}

func search(ctx context.Context, c *client.Client, args []string) (any, error) {
	terms := map[string]string{}
	for _, arg := range args {
		key, value, found := strings.Cut(arg, "=")
		if !found {
			return nil, fmt.Errorf("%w: want KEY=VALUE, got %q", errUsage, arg)
		}
		terms[key] = value
	}
	return c.Search(ctx, terms)
}

func deleteImage(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := Expect(args, "REF", "ARCH"); err != nil {
		return nil, err
	}
	return nil, c.DeleteImage(ctx, args[0], args[1])
}

// Expect reports arguments that do not match the names in number.
func Expect(args []string, names ...string) error {
	if len(args) != len(names) {
		return fmt.Errorf("%w: want %d (%s), got %d", errUsage, len(names), strings.Join(names, " "), len(args))
	}
	return nil
}

// IntoFile creates the file at path, has it filled and returns its size in bytes.
func IntoFile(path string, fill func(*os.File) error) (any, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := fill(file); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return map[string]int64{"size": info.Size()}, file.Close()
}
