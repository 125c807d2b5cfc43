package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

// Constants of linux/if_tun.h and linux/virtio_net.h.
const (
	tunSetInterface  = 0x400454ca
	tunSetOffload    = 0x400454d0
	interfaceTun     = 0x0001
	interfaceNoInfo  = 0x1000
	interfaceOffload = 0x4000
	offloadChecksum  = 0x01
	offloadTCP4      = 0x02
	offloadTCP6      = 0x04
)

// openTun creates a TUN device whose packets carry their offload header, so that large ones stay whole.
func openTun(name string) (int, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("could not open /dev/net/tun: %w", err)
	}
	request := struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: interfaceTun | interfaceNoInfo | interfaceOffload}
	copy(request.name[:15], name)
	if err := ioctl(fd, tunSetInterface, uintptr(unsafe.Pointer(&request))); err != nil {
		return 0, fmt.Errorf("could not create the device %s: %w", name, err)
	}
	if err := ioctl(fd, tunSetOffload, offloadChecksum|offloadTCP4|offloadTCP6); err != nil {
		return 0, fmt.Errorf("could not set offloads of %s: %w", name, err)
	}
	return fd, nil
}

func ioctl(fd int, request, argument uintptr) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, argument); errno != 0 {
		return errno
	}
	return nil
}
