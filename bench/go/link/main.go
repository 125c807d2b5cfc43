// Command link creates two TUN devices and connects them with a delay, loss and a rate, the same in
// both directions. It replaces `tc netem` on kernels without it. Like netem on a virtual Ethernet pair
// it treats each large packet of the sender's kernel (segmentation offload) as one packet. It prints
// `ready` once the devices exist; they vanish when it ends.
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

// shape describes how a line changes packets.
type shape struct {
	delay          time.Duration
	loss           float64
	bytesPerSecond float64
}
