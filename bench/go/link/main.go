// Command link joins two TUN devices that it makes, as a line with delay, loss and a rate, the same in
// both directions. It stands in for `tc netem` where the kernel lacks that: like netem on a virtual
// Ethernet pair it takes the large packets that a sender's kernel makes (segmentation offload) as one
// packet each. It prints `ready` once the devices are there; they vanish with it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	first := flag.String("first", "", "name of one device")
	second := flag.String("second", "", "name of the other device")
	delay := flag.Duration("delay", 0, "one way")
	loss := flag.Float64("loss", 0, "share of packets that are lost, each way")
	rate := flag.Float64("rate", 1e9, "bits per second, each way")
	flag.Parse()
	shape := shape{delay: *delay, loss: *loss, bytesPerSecond: *rate / 8}
	if err := run(*first, *second, shape); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(first, second string, s shape) error {
	a, err := openTun(first)
	if err != nil {
		return err
	}
	b, err := openTun(second)
	if err != nil {
		return err
	}
	failed := make(chan error, 4)
	for _, way := range []struct{ from, to int }{{a, b}, {b, a}} {
		line := newLine(s)
		go func() { failed <- line.receive(way.from) }()
		go func() { failed <- line.deliver(way.to) }()
	}
	fmt.Println("ready")
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	select {
	case err := <-failed:
		return err
	case <-ended:
		return nil
	}
}

// shape is what a line does to packets.
type shape struct {
	delay          time.Duration
	loss           float64
	bytesPerSecond float64
}
