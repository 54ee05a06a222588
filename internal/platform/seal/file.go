package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// A sealed file is a head and chunks of one length, the last of which may be
// shorter:
//
//	tbf1.aes.k3f2a91.<32 random bytes> <chunk and tag> <chunk and tag> …
//
// Each file has a key of its own, derived from that of the ring and the random
// bytes (HKDF with the hash of the suite), so that the number of a chunk can be
// its nonce. The nonce also says which chunk is the last, as STREAM does (Hoang,
// Reyhanitabar, Rogaway, Vizár 2015): what is cut off, appended or moved about is
// noticed, and any part can be read without what stands before it.
const (
	fileMark  = "tbf1."
	saltLen   = 32
	fileHead  = len(fileMark) + 4 + 8 + saltLen // form, suite, key, random bytes
	chunkSize = 64 << 10
	tagSize   = 16
	maxChunks = 1<<32 - 1 // of one file: 256 TB
)

// fileKey is that of one file.
func (k dataKey) fileKey(head []byte, purpose string) (cipher.AEAD, error) {
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil {
		return nil, fmt.Errorf("seal: key %s is not base64", k.ID)
	}
	key, err := hkdf.Key(func() hash.Hash { return k.suite.Hash() }, secret, head, string(joined("tongban sealed file", k.suite.Name(), k.ID, purpose)), k.suite.KeySize())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return k.suite.AEAD(key)
}

func chunkNonce(n int64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:11], uint64(n)) //nolint:gosec // numbers of chunks are not below zero
	if last {
		nonce[11] = 1
	}
	return nonce
}

// Writer seals what is written to it. Close ends the file; one that was not
// closed cannot be opened.
type Writer struct {
	dst  io.Writer
	aead cipher.AEAD
	buf  []byte // of the chunk that is not full, or not known not to be the last
	out  []byte
	n    int64
	err  error
}

// NewWriter begins a sealed file for a purpose.
func (r *Ring) NewWriter(dst io.Writer, purpose string) (*Writer, error) {
	k := r.current().write
	head := append([]byte(fileMark+k.suite.Mark()+"."+k.ID+"."), random(saltLen)...)
	aead, err := k.fileKey(head, purpose)
	if err != nil {
		return nil, err
	}
	if _, err := dst.Write(head); err != nil {
		return nil, fmt.Errorf("seal: file: %w", err)
	}
	return &Writer{dst: dst, aead: aead, buf: make([]byte, 0, chunkSize), out: make([]byte, 0, chunkSize+tagSize)}, nil
}

// Write seals the chunks that p makes full.
func (w *Writer) Write(p []byte) (int, error) {
	done := 0
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == chunkSize {
			w.flush(false, nil)
		}
		n := min(chunkSize-len(w.buf), len(p))
		w.buf, p, done = append(w.buf, p[:n]...), p[n:], done+n
	}
	return done, w.err
}

func (w *Writer) flush(last bool, row []byte) {
	if w.n >= maxChunks {
		w.err = errors.New("seal: the file is too long")
	}
	if w.err != nil {
		return
	}
	w.out = w.aead.Seal(w.out[:0], chunkNonce(w.n, last), w.buf, row)
	if _, err := w.dst.Write(w.out); err != nil {
		w.err = fmt.Errorf("seal: file: %w", err)
	}
	w.n, w.buf = w.n+1, w.buf[:0]
}

// Close ends the file and binds it to a row, which may be known by now only, as
// the hash of what was written is. It does not close what it wrote to.
func (w *Writer) Close(row string) error {
	w.flush(true, []byte(row))
	err := w.err
	w.err = errors.Join(w.err, errors.New("seal: the file is closed"))
	return err
}

// FileKey names the key that a file was sealed with, given what it begins with;
// false for one that is not sealed.
func FileKey(head []byte) (string, bool) {
	parts := bytes.SplitN(head, []byte("."), 4)
	if len(head) < fileHead || len(parts) != 4 || string(parts[0])+"." != fileMark || len(parts[1]) != 3 || !keyID.Match(parts[2]) {
		return "", false
	}
	return string(parts[2]), true
}

// HeadSize is how much of a file FileKey wants to see.
const HeadSize = fileHead

// File reads a sealed file, from anywhere in it. It is not for several goroutines.
type File struct {
	src    io.ReaderAt
	aead   cipher.AEAD
	row    []byte
	size   int64 // of what was sealed
	chunks int64
	pos    int64
	at     int64 // number of the chunk that plain holds, -1 for none
	plain  []byte
	sealed []byte
}

// OpenFile reads a sealed file of so many bytes. That it is whole and of this
// purpose and row is known when it returns; each chunk is checked when it is read.
func (r *Ring) OpenFile(src io.ReaderAt, length int64, purpose, row string) (*File, error) {
	head := make([]byte, fileHead)
	if _, err := src.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%w (file): %w", ErrOpen, err)
	}
	id, ok := FileKey(head)
	if !ok {
		return nil, fmt.Errorf("%w (file)", ErrOpen)
	}
	k, ok := r.current().data[id]
	if !ok { // another process may have made it this moment
		_ = r.reread(true)
		if k, ok = r.now.Load().data[id]; !ok {
			return nil, fmt.Errorf("%w: the ring has no key %.7q (file)", ErrOpen, id)
		}
	}
	if !strings.HasPrefix(string(head), fileMark+k.suite.Mark()+".") {
		return nil, fmt.Errorf("%w (file)", ErrOpen)
	}
	aead, err := k.fileKey(head, purpose)
	if err != nil {
		return nil, err
	}
	body := length - int64(fileHead)
	chunks := (body + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	if chunks < 1 || chunks > maxChunks || body-(chunks-1)*(chunkSize+tagSize) < tagSize {
		return nil, fmt.Errorf("%w (file)", ErrOpen)
	}
	f := &File{src: src, aead: aead, row: []byte(row), chunks: chunks, size: body - chunks*tagSize, at: -1, sealed: make([]byte, min(body, chunkSize+tagSize))}
	return f, f.load(chunks - 1)
}

// Size of what was sealed.
func (f *File) Size() int64 { return f.size }

// load opens a chunk.
func (f *File) load(n int64) error {
	if f.at == n {
		return nil
	}
	last := n == f.chunks-1
	length := int64(chunkSize + tagSize)
	var row []byte
	if last {
		length, row = f.size-n*chunkSize+tagSize, f.row
	}
	if _, err := f.src.ReadAt(f.sealed[:length], int64(fileHead)+n*(chunkSize+tagSize)); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("seal: file: %w", err)
	}
	f.at = -1
	plain, err := f.aead.Open(f.plain[:0], chunkNonce(n, last), f.sealed[:length], row)
	if err != nil {
		return fmt.Errorf("%w (file)", ErrOpen)
	}
	f.plain, f.at = plain, n
	return nil
}

// ReadAt is that of io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("seal: before the beginning")
	}
	done := 0
	for done < len(p) {
		if off >= f.size {
			return done, io.EOF
		}
		n := off / chunkSize
		if err := f.load(n); err != nil {
			return done, err
		}
		m := copy(p[done:], f.plain[off-n*chunkSize:])
		done, off = done+m, off+int64(m)
	}
	return done, nil
}

// Read is that of io.Reader.
func (f *File) Read(p []byte) (int, error) {
	if f.pos >= f.size {
		return 0, io.EOF
	}
	n, err := f.ReadAt(p[:min(int64(len(p)), f.size-f.pos)], f.pos)
	f.pos += int64(n)
	return n, err
}

// Seek is that of io.Seeker.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return f.pos, errors.New("seal: before the beginning")
	}
	f.pos = offset
	return offset, nil
}
