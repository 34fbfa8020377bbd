package config

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// field is one place in a Config that a setting fills. set gets the text that
// was given, never empty; its error is the fault alone and never holds the
// text. dump gives the text back as a file would hold it.
type field interface {
	set(text string) error
	dump() string
	copyFrom(other field) // takes the value over from the same field of another Config
	place() any           // the pointer to the value
}

// ref is the place itself; every field has one.
type ref[T any] struct{ p *T }

func at[T any](p *T) ref[T] { return ref[T]{p} }

func (r ref[T]) place() any { return r.p }

func (r ref[T]) copyFrom(other field) {
	if from, ok := other.place().(*T); ok {
		*r.p = *from
	}
}

// word is any text.
type word struct{ ref[string] }

func (f word) set(text string) error { *f.p = text; return nil }
func (f word) dump() string          { return quote(*f.p) }

// hidden is any text that must not be shown in messages.
type hidden struct{ ref[Secret] }

func (f hidden) set(text string) error { *f.p = Secret(text); return nil }
func (f hidden) dump() string          { return quote(string(*f.p)) }

// flag is a boolean in any of PostgREST's spellings: true, "TRUE", 1, 0.
type flag struct{ ref[bool] }

func (f flag) set(text string) (err error) { *f.p, err = parseBool(text); return err }
func (f flag) dump() string                { return strconv.FormatBool(*f.p) }

// parseBool looks at the letters alone, whatever their case; without a known
// word it takes a number, where more than 0 is true.
func parseBool(text string) (bool, error) {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
	switch letters {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return false, errors.New("is neither true nor false")
	}
	return n > 0, nil
}

// whole is a number from min to max.
type whole struct {
	ref[int]
	min, max int
}

func (f whole) set(text string) (err error) { *f.p, err = parseWhole(text, f.min, f.max); return err }
func (f whole) dump() string                { return strconv.Itoa(*f.p) }

func parseWhole(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	switch {
	case err != nil:
		return 0, errors.New("is not a whole number")
	case n < low && high == math.MaxInt32:
		return 0, fmt.Errorf("must be at least %d", low)
	case n < low || n > high:
		return 0, fmt.Errorf("must be from %d to %d", low, high)
	}
	return n, nil
}

// port is a port that may be left out; 0 stands for that and is not accepted.
type port struct{ ref[int] }

func (f port) set(text string) (err error) { *f.p, err = parseWhole(text, 1, maxPort); return err }
func (f port) dump() string {
	if *f.p == 0 {
		return quote("")
	}
	return strconv.Itoa(*f.p)
}

const maxPort = 65535

// rowLimit is a number of rows that may be left out.
type rowLimit struct{ ref[*int64] }

func (f rowLimit) set(text string) error {
	n, err := parseWhole(text, 0, math.MaxInt32)
	if err != nil {
		return err
	}
	rows := int64(n)
	*f.p = &rows
	return nil
}

func (f rowLimit) dump() string {
	if *f.p == nil {
		return quote("")
	}
	return strconv.FormatInt(**f.p, 10)
}

// seconds is a whole number of seconds, as PostgREST has them.
type seconds struct{ ref[time.Duration] }

func (f seconds) set(text string) error {
	n, err := parseWhole(text, 0, math.MaxInt32)
	*f.p = time.Duration(n) * time.Second
	return err
}

func (f seconds) dump() string { return strconv.FormatInt(int64(*f.p/time.Second), 10) }

// span is a duration with its unit: 500ms, 1m30s. A bare number is seconds.
type span struct{ ref[time.Duration] }

func (f span) set(text string) error {
	if n, err := strconv.Atoi(text); err == nil {
		text = strconv.Itoa(n) + "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("is not a duration")
	}
	*f.p = d
	return nil
}

func (f span) dump() string { return quote(f.p.String()) }

// size is a number of bytes with an optional unit in powers of 1024, as
// PostgreSQL has them: 512kB, 32MB, 1GB.
type size struct{ ref[int] }

// sizeUnits are bits to shift by. Read-only.
var sizeUnits = map[string]uint{"": 0, "b": 0, "kb": 10, "kib": 10, "mb": 20, "mib": 20, "gb": 30, "gib": 30}

func (f size) set(text string) error {
	digits := strings.TrimRight(strings.ToLower(strings.TrimSpace(text)), "kmgib")
	shift, ok := sizeUnits[strings.ToLower(strings.TrimSpace(text))[len(digits):]]
	n, err := strconv.Atoi(strings.TrimSpace(digits))
	if err != nil || !ok || n < 1 || n > math.MaxInt32>>shift {
		return errors.New("is not a size from 1 byte to 1GB")
	}
	*f.p = n << shift
	return nil
}

func (f size) dump() string { return strconv.Itoa(*f.p) }

// room is a size, or 0 for no limit.
type room struct{ ref[int64] }

func (f room) set(text string) error {
	if strings.TrimSpace(text) == "0" {
		*f.p = 0
		return nil
	}
	digits := strings.TrimRight(strings.ToLower(strings.TrimSpace(text)), "kmgib")
	shift, ok := sizeUnits[strings.ToLower(strings.TrimSpace(text))[len(digits):]]
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || !ok || n < 1 || n > math.MaxInt64>>20>>shift {
		return errors.New("is neither 0 nor a size such as 400MB")
	}
	*f.p = n << shift
	return nil
}

func (f room) dump() string { return strconv.FormatInt(*f.p, 10) }

// list is names between commas; blanks around them do not count.
type list struct{ ref[[]string] }

func (f list) set(text string) error {
	items := strings.Split(text, ",")
	for i := range items {
		if items[i] = strings.TrimSpace(items[i]); items[i] == "" {
			return errors.New("has an empty name between its commas")
		}
	}
	*f.p = items
	return nil
}

func (f list) dump() string { return quote(strings.Join(*f.p, ",")) }

// choice is one of a few words.
type choice[T ~string] struct {
	ref[T]
	from []T
}

func (f choice[T]) set(text string) error {
	if !slices.Contains(f.from, T(text)) {
		return fmt.Errorf("is not one of %s", join(f.from))
	}
	*f.p = T(text)
	return nil
}

func (f choice[T]) dump() string { return quote(string(*f.p)) }

func join[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// fileMode is the mode of a socket, in octal.
type fileMode struct{ ref[uint32] }

func (f fileMode) set(text string) error {
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil {
		return errors.New("is not an octal number")
	}
	if n < 0o600 || n > 0o777 {
		return errors.New("must be from 600 to 777")
	}
	*f.p = uint32(n)
	return nil
}

func (f fileMode) dump() string { return quote(strconv.FormatUint(uint64(*f.p), 8)) }

// schemas is the list of exposed schemas; the system's own are refused.
type schemas struct{ ref[[]string] }

func (f schemas) set(text string) error {
	if err := list(f).set(text); err != nil {
		return err
	}
	for _, s := range *f.p {
		if s == "pg_catalog" || s == "information_schema" {
			return fmt.Errorf("db-schemas does not allow schema: '%s'", s)
		}
	}
	return nil
}

func (f schemas) dump() string { return list(f).dump() }

// prepared is PostgREST's boolean for what Statements says.
type prepared struct{ ref[Statements] }

func (f prepared) set(text string) error {
	on, err := parseBool(text)
	*f.p = Unnamed
	if on {
		*f.p = Prepared
	}
	return err
}

func (f prepared) dump() string { return strconv.FormatBool(*f.p != Unnamed) }

// audience is a name or, when it has a colon, a URI (RFC 7519, StringOrURI).
type audience struct{ ref[string] }

func (f audience) set(text string) error {
	if strings.Contains(text, ":") {
		if u, err := url.Parse(text); err != nil || u.Scheme == "" {
			return errors.New("jwt-aud should be a string or a valid URI")
		}
	}
	*f.p = text
	return nil
}

func (f audience) dump() string { return quote(*f.p) }

// webURL is an http or https URL with a host and without user or query.
type webURL struct{ ref[string] }

func (f webURL) set(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https"):
		return errors.New("must begin with http:// or https://")
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("must have a host and no user, query or fragment")
	}
	if p := u.Port(); p != "" {
		if _, err := parseWhole(p, 1, maxPort); err != nil {
			return errors.New("has a port that is not from 1 to 65535")
		}
	}
	*f.p = text
	return nil
}

func (f webURL) dump() string { return quote(*f.p) }

// headerName is a token as RFC 9110 has it.
type headerName struct{ ref[string] }

func (f headerName) set(text string) error {
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return errors.New("is not a header name")
		}
	}
	*f.p = text
	return nil
}

func (f headerName) dump() string { return quote(*f.p) }
