package main

import (
	"crypto/sha256"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/sylabs/sif/v2/pkg/sif"
)

// timing is the wall-clock and processor time of work.
type timing struct {
	Seconds          float64 `json:"seconds"`
	ProcessorSeconds float64 `json:"processorSeconds"`
}

// timed does work and returns how long it took.
func timed(work func() error) (timing, error) {
	start, used := time.Now(), processorSeconds()
	err := work()
	return timing{time.Since(start).Seconds(), processorSeconds() - used}, err
}

func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// list opens an image and reads every descriptor.
func list(path string) (timing, error) {
	return timed(func() error {
		return withImage(path, func(f *sif.FileImage) error {
			f.WithDescriptors(func(d sif.Descriptor) bool { return d.DataType() == 0 })
			return nil
		})
	})
}

// hash computes the SHA-256 of objects, one after the other.
func hash(path string, ids []uint32) (timing, error) {
	return timed(func() error {
		return withImage(path, func(f *sif.FileImage) error {
			for _, id := range ids {
				d, err := f.GetDescriptor(sif.WithID(id))
				if err != nil {
					return err
				}
				if _, err := io.Copy(sha256.New(), d.GetReader()); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// withImage opens an image for reading while use runs.
func withImage(path string, use func(*sif.FileImage) error) error {
	f, err := sif.LoadContainerFromPath(path, sif.OptLoadWithFlag(os.O_RDONLY))
	if err != nil {
		return err
	}
	err = use(f)
	if closed := f.UnloadContainer(); err == nil {
		err = closed
	}
	return err
}
