package main

import (
	"math/rand/v2"
	"runtime"
	"syscall"
	"time"
)

const (
	// A packet from the kernel: at most 64 KiB with its headers and the offload header.
	maxPacketBytes = 66 << 10
	// Smaller packets are kept in memory of their exact size.
	smallPacketBytes = 4 << 10
	// Most bytes that a line queues before it drops packets, like the buffer of a large router.
	maxBacklog   = 100 * time.Millisecond
	queuePackets = 1 << 16
	// Shortest sleep. Packets that are due within it leave together.
	tick = 100 * time.Microsecond
)

type packet struct {
	bytes []byte
	due   time.Time
}

// line is one direction of a link.
type line struct {
	shape
	queue chan packet
	// Buffers of large packets for reuse.
	free chan []byte
}

func newLine(s shape) *line {
	return &line{shape: s, queue: make(chan packet, queuePackets), free: make(chan []byte, queuePackets)}
}

// receive reads packets from a device, drops some, and queues the others with their arrival times.
func (l *line) receive(from int) error {
	runtime.LockOSThread()
	var leaves time.Time
	buffer := l.buffer()
	for {
		count, err := syscall.Read(from, buffer)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		now := time.Now()
		if rand.Float64() < l.loss || leaves.Sub(now) > maxBacklog {
			continue
		}
		if leaves.Before(now) {
			leaves = now
		}
		leaves = leaves.Add(time.Duration(float64(count) / l.bytesPerSecond * float64(time.Second)))
		due := leaves.Add(l.delay)
		if count < smallPacketBytes {
			l.queue <- packet{append([]byte(nil), buffer[:count]...), due}
			continue
		}
		l.queue <- packet{buffer[:count], due}
		buffer = l.buffer()
	}
}

// deliver writes packets to a device when they are due.
func (l *line) deliver(to int) error {
	runtime.LockOSThread()
	for p := range l.queue {
		for wait := time.Until(p.due); wait > 0; wait = time.Until(p.due) {
			// The kernel's own clock: the runtime's timers are too coarse.
			span := syscall.NsecToTimespec(int64(max(wait, tick)))
			_ = syscall.Nanosleep(&span, nil)
		}
		// A device that is down or full rejects the packet: it is lost.
		_, _ = syscall.Write(to, p.bytes)
		if cap(p.bytes) == maxPacketBytes {
			l.recycle(p.bytes[:maxPacketBytes])
		}
	}
	return nil
}

func (l *line) buffer() []byte {
	select {
	case buffer := <-l.free:
		return buffer
	default:
		return make([]byte, maxPacketBytes)
	}
}

func (l *line) recycle(buffer []byte) {
	select {
	case l.free <- buffer:
	default:
	}
}
