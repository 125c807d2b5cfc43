package main

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sylabs/sif/v2/pkg/sif"
)

// operation is one change of an image, or its creation. Times are Unix seconds; the default is the
// library's.
type operation struct {
	Op   string `json:"op"`
	Time *int64 `json:"time"`

	// Of create.
	Deterministic bool     `json:"deterministic"`
	UUID          string   `json:"uuid"`
	LaunchScript  string   `json:"launchScript"`
	Capacity      int64    `json:"capacity"`
	Objects       []object `json:"objects"`

	// Of add.
	Object object `json:"object"`

	// Of delete, setPrimary and setMetadata.
	ID       uint32 `json:"id"`
	Zero     bool   `json:"zero"`
	Compact  bool   `json:"compact"`
	Metadata []byte `json:"metadata"`
}

// object is a data object to write. Byte slices are base64.
type object struct {
	DataType  int32  `json:"dataType"`
	Data      []byte `json:"data"`
	Group     uint32 `json:"group"`
	NoGroup   bool   `json:"noGroup"`
	LinkID    uint32 `json:"linkId"`
	LinkGroup uint32 `json:"linkGroup"`
	Name      string `json:"name"`
	Alignment *int   `json:"alignment"`
	Time      *int64 `json:"time"`

	Partition     *partition     `json:"partition"`
	Signature     *signatureData `json:"signature"`
	CryptoMessage *[2]int32      `json:"cryptoMessage"`
	SBOM          *int32         `json:"sbom"`
	Metadata      []byte         `json:"metadata"`
}

type partition struct {
	FSType   int32  `json:"fsType"`
	PartType int32  `json:"partType"`
	Arch     string `json:"arch"`
}

type signatureData struct {
	Hash        string `json:"hash"`
	Fingerprint string `json:"fingerprint"`
}

var hashes = map[string]crypto.Hash{
	"sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
}

// raw is metadata in the form of given bytes.
type raw []byte

func (r raw) MarshalBinary() ([]byte, error) { return r, nil }

// apply runs operations on the image at path, continuing after failures, and returns the error of each.
func apply(path string, operations []operation) []string {
	errs := make([]string, len(operations))
	for i, op := range operations {
		var err error
		if op.Op == "create" {
			err = create(path, op)
		} else {
			err = edit(path, op)
		}
		if err != nil {
			errs[i] = err.Error()
		}
	}
	return errs
}

func create(path string, op operation) error {
	opts := []sif.CreateOpt{
		sif.OptCreateWithLaunchScript(op.LaunchScript),
		sif.OptCreateWithDescriptorCapacity(op.Capacity),
	}
	if op.Deterministic {
		opts = append(opts, sif.OptCreateDeterministic())
	} else {
		opts = append(opts, sif.OptCreateWithID(op.UUID), sif.OptCreateWithTime(timeOf(op.Time)))
	}
	for _, o := range op.Objects {
		input, err := o.input()
		if err != nil {
			return err
		}
		opts = append(opts, sif.OptCreateWithDescriptors(input))
	}
	f, err := sif.CreateContainerAtPath(path, opts...)
	if err != nil {
		return err
	}
	return f.UnloadContainer()
}

func edit(path string, op operation) error {
	f, err := sif.LoadContainerFromPath(path)
	if err != nil {
		return err
	}
	err = editLoaded(f, op)
	if closed := f.UnloadContainer(); err == nil {
		err = closed
	}
	return err
}

func editLoaded(f *sif.FileImage, op operation) error {
	switch op.Op {
	case "add":
		input, err := op.Object.input()
		if err != nil {
			return err
		}
		var opts []sif.AddOpt
		if op.Time != nil {
			opts = append(opts, sif.OptAddWithTime(timeOf(op.Time)))
		}
		return f.AddObject(input, opts...)
	case "delete":
		opts := []sif.DeleteOpt{sif.OptDeleteZero(op.Zero), sif.OptDeleteCompact(op.Compact)}
		if op.Time != nil {
			opts = append(opts, sif.OptDeleteWithTime(timeOf(op.Time)))
		}
		return f.DeleteObject(op.ID, opts...)
	case "setPrimary":
		return f.SetPrimPart(op.ID, setOptions(op)...)
	case "setMetadata":
		// Roles of partitions change through setPrimary.
		d, err := f.GetDescriptor(sif.WithID(op.ID))
		if err == nil && d.DataType() == sif.DataPartition {
			return errors.New("object is a partition")
		}
		return f.SetMetadata(op.ID, raw(op.Metadata), setOptions(op)...)
	}
	return fmt.Errorf("unknown operation %q", op.Op)
}

func setOptions(op operation) []sif.SetOpt {
	if op.Time == nil {
		return nil
	}
	return []sif.SetOpt{sif.OptSetWithTime(timeOf(op.Time))}
}

func (o object) input() (sif.DescriptorInput, error) {
	var opts []sif.DescriptorInputOpt
	add := func(opt sif.DescriptorInputOpt) { opts = append(opts, opt) }
	if o.NoGroup {
		add(sif.OptNoGroup())
	}
	if o.Group != 0 {
		add(sif.OptGroupID(o.Group))
	}
	if o.LinkID != 0 {
		add(sif.OptLinkedID(o.LinkID))
	}
	if o.LinkGroup != 0 {
		add(sif.OptLinkedGroupID(o.LinkGroup))
	}
	if o.Name != "" {
		add(sif.OptObjectName(o.Name))
	}
	if o.Alignment != nil {
		add(sif.OptObjectAlignment(*o.Alignment))
	}
	if o.Time != nil {
		add(sif.OptObjectTime(timeOf(o.Time)))
	}
	metadata, err := o.metadata()
	if err != nil {
		return sif.DescriptorInput{}, err
	}
	if metadata != nil {
		add(metadata)
	}
	return sif.NewDescriptorInput(sif.DataType(o.DataType), bytes.NewReader(o.Data), opts...)
}

func (o object) metadata() (sif.DescriptorInputOpt, error) {
	switch {
	case o.Partition != nil:
		p := o.Partition
		return sif.OptPartitionMetadata(sif.FSType(p.FSType), sif.PartType(p.PartType), p.Arch), nil
	case o.Signature != nil:
		fingerprint, err := hex.DecodeString(o.Signature.Fingerprint)
		return sif.OptSignatureMetadata(hashes[o.Signature.Hash], fingerprint), err
	case o.CryptoMessage != nil:
		m := o.CryptoMessage
		return sif.OptCryptoMessageMetadata(sif.FormatType(m[0]), sif.MessageType(m[1])), nil
	case o.SBOM != nil:
		return sif.OptSBOMMetadata(sif.SBOMFormat(*o.SBOM)), nil
	case len(o.Metadata) > 0:
		return sif.OptMetadata(raw(o.Metadata)), nil
	}
	return nil, nil
}

func timeOf(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0)
}
