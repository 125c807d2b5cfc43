// The driver built with version 1.3.5 of the Go library client, the last that requests the first bytes of
// the image to learn its size.
package main

import (
	"context"
	"os"
	"strconv"

	"github.com/sylabs/scs-library-client/client"

	"sifshelf/interop/driver"
)

func main() {
	driver.Main(map[string]driver.Command{"pull-concurrent": pullConcurrent})
}

func pullConcurrent(ctx context.Context, c *client.Client, args []string) (any, error) {
	if err := driver.Expect(args, "PATH", "TAG", "ARCH", "OUT", "CONCURRENCY", "PARTSIZE"); err != nil {
		return nil, err
	}
	concurrency, err := strconv.ParseUint(args[4], 10, 16)
	if err != nil {
		return nil, err
	}
	partSize, err := strconv.ParseInt(args[5], 10, 64)
	if err != nil {
		return nil, err
	}
	spec := &client.Downloader{Concurrency: uint(concurrency), PartSize: partSize, BufferSize: 32 << 10}
	return driver.IntoFile(args[3], func(file *os.File) error {
		return c.ConcurrentDownloadImage(ctx, file, args[2], args[0], args[1], spec, nil)
	})
}
