// Command sink fetches a URL repeatedly on several connections for some seconds, discards the bytes, and
// prints `{"bytes": …, "seconds": …}`. With -drop the kernel discards the bytes without copying them
// (MSG_TRUNC), so that only the server is measured.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const bufferBytes = 1 << 20

func main() {
	connections := flag.Int("connections", 1, "how many at a time")
	seconds := flag.Float64("seconds", 3, "for how long; what is under way then is cut off")
	drop := flag.Bool("drop", false, "let the kernel throw the bytes away")
	flag.Parse()
	target, err := url.Parse(flag.Arg(0))
	if err != nil || target.Host == "" {
		fmt.Fprintln(os.Stderr, "usage: sink [-connections N] [-seconds S] [-drop] URL")
		os.Exit(2)
	}
	start := time.Now()
	work := sinkWork{target: target, drop: *drop, end: start.Add(time.Duration(*seconds * float64(time.Second)))}
	total, err := work.run(*connections)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"bytes":   float64(total),
		"seconds": time.Since(start).Seconds(),
	})
}

type sinkWork struct {
	target *url.URL
	drop   bool
	end    time.Time
}

func (w sinkWork) run(connections int) (int64, error) {
	var group sync.WaitGroup
	var lock sync.Mutex
	var total int64
	var failure error
	for range connections {
		group.Go(func() {
			count, err := w.fetchUntilEnd()
			lock.Lock()
			defer lock.Unlock()
			total += count
			if err != nil {
				failure = err
			}
		})
	}
	group.Wait()
	return total, failure
}

func (w sinkWork) fetchUntilEnd() (int64, error) {
	connection, err := net.Dial("tcp", w.target.Host)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	// Small, so that little of a body is read together with its head.
	reader := bufio.NewReaderSize(connection, 4096)
	buffer := make([]byte, bufferBytes)
	var total int64
	for time.Now().Before(w.end) {
		length, err := w.request(connection, reader)
		if err != nil {
			return total, err
		}
		count, err := w.discard(connection.(*net.TCPConn), reader, length, buffer)
		total += count
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// request requests the file and returns the length of the body.
func (w sinkWork) request(connection net.Conn, reader *bufio.Reader) (int64, error) {
	_, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", w.target.RequestURI(), w.target.Host)
	if err != nil {
		return 0, err
	}
	status, err := reader.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		return 0, fmt.Errorf("the server returned %s", strings.TrimSpace(status))
	}
	length := int64(-1)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return 0, err
		}
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found {
			break
		}
		if strings.EqualFold(name, "content-length") {
			if length, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("the reply has no length")
	}
	return length, nil
}

// discard receives a body until it ends or the time is up, and returns the number of bytes.
func (w sinkWork) discard(connection *net.TCPConn, reader *bufio.Reader, length int64, buffer []byte) (int64, error) {
	early, err := reader.Discard(min(reader.Buffered(), int(length)))
	if err != nil {
		return 0, err
	}
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0, err
	}
	done := int64(early)
	for done < length && time.Now().Before(w.end) {
		count, err := w.receive(raw, connection, buffer[:min(length-done, bufferBytes)])
		if err != nil {
			return done, err
		}
		if count == 0 {
			return done, io.ErrUnexpectedEOF
		}
		done += int64(count)
	}
	return done, nil
}

func (w sinkWork) receive(raw syscall.RawConn, connection *net.TCPConn, buffer []byte) (int, error) {
	if !w.drop {
		return connection.Read(buffer)
	}
	count, failure := 0, error(nil)
	err := raw.Read(func(fd uintptr) bool {
		count, _, failure = syscall.Recvfrom(int(fd), buffer, syscall.MSG_TRUNC)
		return failure != syscall.EAGAIN
	})
	if err != nil {
		return 0, err
	}
	return count, failure
}
