package service

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connectError is a failure to connect. Its text names the setting, never the
// address: of a string that was put together wrongly, each part may be a piece
// of the password.
type connectError struct {
	setting, reason string
	cause           error
}

func (e *connectError) Error() string { return "connect with " + e.setting + ": " + e.reason }
func (e *connectError) Unwrap() error { return e.cause }

// Conceal takes the address out of the text of an error from connecting with c,
// and names the setting that the address stands in. Other errors come back as
// they are.
func Conceal(err error, setting string, c *pgx.ConnConfig) error {
	var connecting *pgconn.ConnectError
	if !errors.As(err, &connecting) {
		return err
	}
	return &connectError{setting: setting, reason: reason(err, c.Host, c.Database), cause: err}
}

// reason says why a connection could not be made, without the parts of the
// connection string that are given as secrets.
func reason(err error, secrets ...string) string {
	var (
		refusal     *pgconn.PgError
		name        *net.DNSError
		number      syscall.Errno
		certificate *tls.CertificateVerificationError
		timeout     interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &refusal):
		return fmt.Sprintf("%s (SQLSTATE %s)", hide(refusal.Message, secrets), refusal.Code)
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error()
	case errors.As(err, &name):
		return "its host has no address: look at the host's name, and at special characters of the password, which are to be percent-encoded"
	case errors.As(err, &certificate):
		return "the server's certificate was not accepted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed the connection"
	default:
		return hide(innermost(err).Error(), secrets)
	}
}

func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func hide(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "...")
		}
	}
	return text
}
