package config

import (
	"cmp"
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

// field is one place in a Config that a setting fills.
type field interface {
	set(text string) error // the error is the fault alone and never holds the text
	dump() string          // the value as a file would hold it
	copyFrom(other field)  // takes the value over from the same field of another Config
}

// fieldOf is a field of any type: its value's address, its parser and its
// printer.
type fieldOf[T any] struct {
	p     *T
	parse func(text string) (T, error)
	show  func(T) string
}

func (f fieldOf[T]) set(text string) error {
	v, err := f.parse(text)
	if err == nil {
		*f.p = v
	}
	return err
}

func (f fieldOf[T]) dump() string { return f.show(*f.p) }

func (f fieldOf[T]) copyFrom(other field) {
	if from, ok := other.(fieldOf[T]); ok {
		*f.p = *from.p
	}
}

// The functions below make a field of each kind that the table of settings
// has. A new kind is one more such function and its parser.

// word is any text.
func word(p *string) field { return fieldOf[string]{p, parseText[string], quote} }

// mountPath is a path such as /dashboard, or off, which is the empty text.
func mountPath(p *string) field { return fieldOf[string]{p, parseMount, showMount} }

func parseMount(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "off" || text == "" {
		return "", nil
	}
	text = strings.TrimRight(text, "/")
	if !strings.HasPrefix(text, "/") || strings.Trim(text[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/") != "" || len(text) < 2 || strings.Contains(text, "//") {
		return "", errors.New("must be a path such as /dashboard, or off")
	}
	return text, nil
}

func showMount(path string) string { return quote(cmp.Or(path, "off")) }

// hidden is any text that must not be shown in messages.
func hidden(p *Secret) field { return fieldOf[Secret]{p, parseText[Secret], quoteText[Secret]} }

func parseText[T ~string](text string) (T, error) { return T(text), nil }

func quoteText[T ~string](text T) string { return quote(string(text)) }

// flag is a boolean in any of PostgREST's spellings: true, "TRUE", 1, 0.
func flag(p *bool) field { return fieldOf[bool]{p, parseBool, strconv.FormatBool} }

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
func whole(p *int, low, high int) field { return fieldOf[int]{p, wholeFrom(low, high), strconv.Itoa} }

func wholeFrom(low, high int) func(string) (int, error) {
	return func(text string) (int, error) { return parseWhole(text, low, high) }
}

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
func port(p *int) field { return fieldOf[int]{p, wholeFrom(1, maxPort), showPort} }

func showPort(n int) string {
	if n == 0 {
		return quote("")
	}
	return strconv.Itoa(n)
}

const maxPort = 65535

// rowLimit is a number of rows that may be left out.
func rowLimit(p **int64) field { return fieldOf[*int64]{p, parseRows, showRows} }

func parseRows(text string) (*int64, error) {
	n, err := parseWhole(text, 0, math.MaxInt32)
	rows := int64(n)
	return &rows, err
}

func showRows(n *int64) string {
	if n == nil {
		return quote("")
	}
	return strconv.FormatInt(*n, 10)
}

// seconds is a whole number of seconds, as PostgREST has them.
func seconds(p *time.Duration) field { return fieldOf[time.Duration]{p, parseSeconds, showSeconds} }

func parseSeconds(text string) (time.Duration, error) {
	n, err := parseWhole(text, 0, math.MaxInt32)
	return time.Duration(n) * time.Second, err
}

func showSeconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// span is a duration with its unit: 500ms, 1m30s. A bare number is seconds.
func span(p *time.Duration) field {
	return fieldOf[time.Duration]{p, parseSpan, quoteOf[time.Duration]}
}

// quoteOf writes a value by its String method.
func quoteOf[T fmt.Stringer](v T) string { return quote(v.String()) }

func parseSpan(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		text = strconv.Itoa(n) + "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errors.New("is not a duration")
	}
	return d, nil
}

// size is a number of bytes up to 1GB with an optional unit in powers of 1024,
// as PostgreSQL has them: 512kB, 32MB, 1GB.
func size(p *int) field { return fieldOf[int]{p, parseSize, strconv.Itoa} }

func parseSize(text string) (int, error) {
	n, ok := parseBytes(text, math.MaxInt32)
	if !ok {
		return 0, errors.New("is not a size from 1 byte to 1GB")
	}
	return int(n), nil
}

// room is a size of any magnitude, or 0 for no limit.
func room(p *int64) field { return fieldOf[int64]{p, parseRoom, showInt64} }

func parseRoom(text string) (int64, error) {
	if strings.TrimSpace(text) == "0" {
		return 0, nil
	}
	n, ok := parseBytes(text, math.MaxInt64>>20)
	if !ok {
		return 0, errors.New("is neither 0 nor a size such as 400MB")
	}
	return n, nil
}

func showInt64(n int64) string { return strconv.FormatInt(n, 10) }

// sizeUnits are bits to shift by. Read-only.
var sizeUnits = map[string]uint{"": 0, "b": 0, "kb": 10, "kib": 10, "mb": 20, "mib": 20, "gb": 30, "gib": 30}

// parseBytes returns the number of bytes that text gives, from 1 to limit.
func parseBytes(text string, limit int64) (int64, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	digits := strings.TrimRight(text, "kmgib")
	shift, ok := sizeUnits[text[len(digits):]]
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || !ok || n < 1 || n > limit>>shift {
		return 0, false
	}
	return n << shift, true
}

// list is names between commas; blanks around them do not count.
func list(p *[]string) field { return fieldOf[[]string]{p, parseList, quoteList} }

func quoteList(items []string) string { return quote(strings.Join(items, ",")) }

func parseList(text string) ([]string, error) {
	items := strings.Split(text, ",")
	for i := range items {
		if items[i] = strings.TrimSpace(items[i]); items[i] == "" {
			return nil, errors.New("has an empty name between its commas")
		}
	}
	return items, nil
}

// listOrNone is a list that may be given as "", for no name at all.
func listOrNone(p *[]string) field { return fieldOf[[]string]{p, parseListOrNone, quoteList} }

func parseListOrNone(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	return parseList(text)
}

// choice is one of a few words.
func choice[T ~string](p *T, from ...T) field {
	parse := func(text string) (T, error) {
		if !slices.Contains(from, T(text)) {
			return "", fmt.Errorf("is not one of %s", join(from))
		}
		return T(text), nil
	}
	return fieldOf[T]{p, parse, quoteText[T]}
}

// logTarget also takes what the setting was once: a boolean, true for the database.
func logTarget(p *APILogTarget) field {
	words := choice(p, APILogDatabase, APILogOTLP, APILogBoth, APILogOff).(fieldOf[APILogTarget]) //nolint:forcetypeassert // choice makes no other
	parse := func(text string) (APILogTarget, error) {
		on, err := parseBool(text)
		switch {
		case err != nil:
			return words.parse(text)
		case on:
			return APILogDatabase, nil
		}
		return APILogOff, nil
	}
	return fieldOf[APILogTarget]{p, parse, quoteText[APILogTarget]}
}

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
func fileMode(p *uint32) field { return fieldOf[uint32]{p, parseMode, showMode} }

func showMode(mode uint32) string { return quote(strconv.FormatUint(uint64(mode), 8)) }

func parseMode(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil {
		return 0, errors.New("is not an octal number")
	}
	if n < 0o600 || n > 0o777 {
		return 0, errors.New("must be from 600 to 777")
	}
	return uint32(n), nil
}

// schemas is the list of exposed schemas; the system's own are refused.
func schemas(p *[]string) field { return fieldOf[[]string]{p, parseSchemas, quoteList} }

func parseSchemas(text string) ([]string, error) {
	items, err := parseList(text)
	for _, s := range items {
		if s == "pg_catalog" || s == "information_schema" {
			return nil, fmt.Errorf("db-schemas does not allow schema: '%s'", s)
		}
	}
	return items, err
}

// prepared is PostgREST's boolean for Statements.
func prepared(p *Statements) field { return fieldOf[Statements]{p, parsePrepared, showPrepared} }

func parsePrepared(text string) (Statements, error) {
	if on, err := parseBool(text); !on {
		return Unnamed, err
	}
	return Prepared, nil
}

func showPrepared(s Statements) string { return strconv.FormatBool(s != Unnamed) }

// audience is a name or, when it has a colon, a URI (RFC 7519, StringOrURI).
func audience(p *string) field { return fieldOf[string]{p, parseAudience, quote} }

func parseAudience(text string) (string, error) {
	if strings.Contains(text, ":") {
		if u, err := url.Parse(text); err != nil || u.Scheme == "" {
			return "", errors.New("jwt-aud should be a string or a valid URI")
		}
	}
	return text, nil
}

// webURL is an http or https URL with a host and without user or query.
func webURL(p *string) field { return fieldOf[string]{p, parseWebURL, quote} }

func parseWebURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", errors.New("is not a URL")
	case !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https"):
		return "", errors.New("must begin with http:// or https://")
	case u.Hostname() == "" || u.User != nil || strings.Contains(text, "@") || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("must have a host and no user, query or fragment")
	}
	if p := u.Port(); p != "" {
		if _, err := parseWhole(p, 1, maxPort); err != nil {
			return "", errors.New("has a port that is not from 1 to 65535")
		}
	}
	return text, nil
}

// headerName is a token as RFC 9110 has it.
func headerName(p *string) field { return fieldOf[string]{p, parseHeaderName, quote} }

func parseHeaderName(text string) (string, error) {
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return "", errors.New("is not a header name")
		}
	}
	return text, nil
}
