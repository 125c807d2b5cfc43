package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sylabs/sif/v2/pkg/integrity"
	"github.com/sylabs/sif/v2/pkg/sif"
)

// keyOptions names files of keys: armored PGP keys, and PEM in PKIX or PKCS #8.
type keyOptions struct {
	PGP  []string `json:"pgp"`
	Keys []string `json:"keys"`
}

// scopeOptions selects what is signed or verified, and for which time.
type scopeOptions struct {
	Groups  []uint32 `json:"groups"`
	Objects []uint32 `json:"objects"`
	// Mode is normal, legacy or legacy-all.
	Mode string `json:"mode"`
	Time *int64 `json:"time"`
}

func sign(path string, keys keyOptions, scope scopeOptions) error {
	opts, err := keys.signing()
	if err != nil {
		return err
	}
	for _, group := range scope.Groups {
		opts = append(opts, integrity.OptSignGroup(group))
	}
	if len(scope.Objects) > 0 {
		opts = append(opts, integrity.OptSignObjects(scope.Objects...))
	}
	if scope.Time != nil {
		opts = append(opts, integrity.OptSignWithTime(func() time.Time { return timeOf(scope.Time) }))
	}
	f, err := sif.LoadContainerFromPath(path)
	if err != nil {
		return err
	}
	signer, err := integrity.NewSigner(f, opts...)
	if err == nil {
		err = signer.Sign()
	}
	if closed := f.UnloadContainer(); err == nil {
		err = closed
	}
	return err
}

func verify(path string, keys keyOptions, scope scopeOptions) (timing, error) {
	opts, err := keys.verifying()
	if err != nil {
		return timing{}, err
	}
	for _, group := range scope.Groups {
		opts = append(opts, integrity.OptVerifyGroup(group))
	}
	for _, id := range scope.Objects {
		opts = append(opts, integrity.OptVerifyObject(id))
	}
	switch scope.Mode {
	case "legacy":
		opts = append(opts, integrity.OptVerifyLegacy())
	case "legacy-all":
		opts = append(opts, integrity.OptVerifyLegacyAll())
	}
	return timed(func() error {
		return withImage(path, func(f *sif.FileImage) error {
			verifier, err := integrity.NewVerifier(f, opts...)
			if err != nil {
				return err
			}
			return verifier.Verify()
		})
	})
}

func (k keyOptions) signing() ([]integrity.SignerOpt, error) {
	opts := []integrity.SignerOpt{integrity.OptSignWithContext(context.Background())}
	entities, err := k.entities()
	if err != nil {
		return nil, err
	}
	for _, entity := range entities {
		opts = append(opts, integrity.OptSignWithEntity(entity))
	}
	for _, path := range k.Keys {
		der, err := readPEM(path)
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, err
		}
		signer, err := signature.LoadSigner(key, crypto.SHA256)
		if err != nil {
			return nil, err
		}
		opts = append(opts, integrity.OptSignWithSigner(signer))
	}
	return opts, nil
}

func (k keyOptions) verifying() ([]integrity.VerifierOpt, error) {
	opts := []integrity.VerifierOpt{integrity.OptVerifyWithContext(context.Background())}
	if len(k.PGP) > 0 {
		entities, err := k.entities()
		if err != nil {
			return nil, err
		}
		opts = append(opts, integrity.OptVerifyWithKeyRing(entities))
	}
	var verifiers []signature.Verifier
	for _, path := range k.Keys {
		der, err := readPEM(path)
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, err
		}
		verifier, err := signature.LoadVerifier(key, crypto.SHA256)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	if len(verifiers) > 0 {
		opts = append(opts, integrity.OptVerifyWithVerifier(verifiers...))
	}
	return opts, nil
}

func (k keyOptions) entities() (openpgp.EntityList, error) {
	var all openpgp.EntityList
	for _, path := range k.PGP {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		entities, err := openpgp.ReadArmoredKeyRing(f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, entities...)
	}
	return all, nil
}

func readPEM(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM", path)
	}
	return block.Bytes, nil
}
