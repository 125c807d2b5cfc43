// Command upload sends a file as an upload in parts, several at a time, and completes it. It hashes
// nothing itself, so that only the library is measured. It prints `{"seconds": …}`: from the first
// request to the reply that the library has the image.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

func main() {
	library := flag.String("url", "", "base URL of the library")
	token := flag.String("token", "", "auth token")
	image := flag.String("image", "", "id of the image's record")
	atATime := flag.Int("parts", 4, "parts at a time")
	flag.Parse()
	u := upload{base: *library + "/v2/imagefile/" + *image, token: *token}
	start := time.Now()
	if err := u.send(flag.Arg(0), *atATime); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]float64{"seconds": time.Since(start).Seconds()})
}

type upload struct{ base, token string }

type started struct {
	UploadID   string `json:"uploadID"`
	TotalParts int    `json:"totalParts"`
	PartSize   int64  `json:"partSize"`
}

type completedPart struct {
	PartNumber int    `json:"partNumber"`
	Token      string `json:"token"`
}

func (u upload) send(path string, atATime int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var begun started
	if err := u.call("POST", "/_multipart", map[string]any{"filesize": info.Size()}, &begun); err != nil {
		return err
	}
	parts, err := u.sendParts(path, begun, info.Size(), atATime)
	if err != nil {
		return err
	}
	complete := map[string]any{"uploadID": begun.UploadID, "completedParts": parts}
	return u.call("PUT", "/_multipart_complete", complete, nil)
}

func (u upload) sendParts(path string, begun started, size int64, atATime int) ([]completedPart, error) {
	parts := make([]completedPart, begun.TotalParts)
	numbers := make(chan int, begun.TotalParts)
	for number := range begun.TotalParts {
		numbers <- number + 1
	}
	close(numbers)
	var group sync.WaitGroup
	var lock sync.Mutex
	var failure error
	for range atATime {
		group.Go(func() {
			for number := range numbers {
				offset := int64(number-1) * begun.PartSize
				tag, err := u.sendPart(path, begun.UploadID, number, offset, min(begun.PartSize, size-offset))
				lock.Lock()
				parts[number-1] = completedPart{number, tag}
				if err != nil {
					failure = err
				}
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return parts, failure
}

func (u upload) sendPart(path, id string, number int, offset, length int64) (string, error) {
	var target struct {
		PresignedURL string `json:"presignedURL"`
	}
	ask := map[string]any{"uploadID": id, "partNumber": number, "partSize": length}
	if err := u.call("PUT", "/_multipart", ask, &target); err != nil {
		return "", err
	}
	// A separate file for each part: the kernel sends from its position.
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return "", err
	}
	request, err := http.NewRequest("PUT", target.PresignedURL, io.LimitReader(file, length))
	if err != nil {
		return "", err
	}
	request.ContentLength = length
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return "", err
	}
	if reply.StatusCode >= 300 {
		return "", fmt.Errorf("part %d: the library returned %s", number, reply.Status)
	}
	return reply.Header.Get("ETag"), nil
}

// call sends a request with a JSON body and stores the reply's data in result.
func (u upload) call(method, path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, u.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+u.token)
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		return err
	}
	if reply.StatusCode >= 300 {
		return fmt.Errorf("%s %s: the library returned %s: %s", method, path, reply.Status, content)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(content, &struct {
		Data any `json:"data"`
	}{result})
}
