package exec

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgproto3"
)

// keptText is how much is kept of one text of a large error, in bytes: more than
// any client sees. Errors repeat the values that they refuse, which are as large
// as clients make them.
const keptText = 64 << 10

// raised is the SQLSTATE of errors whose texts are a whole answer, in JSON.
const raised = "PGRST"

// largeError reads a large error, of whose texts it keeps the beginnings.
func (g *gate) largeError() (*pgproto3.ErrorResponse, error) {
	const code = 'C'
	in := bufio.NewReader(body{g})
	var content []byte
	for limit := keptText; ; {
		kind, err := in.ReadByte()
		if err != nil {
			return nil, fmt.Errorf("receive: %w", err)
		}
		content = append(content, kind)
		if kind == 0 { // the end
			break
		}
		begin := len(content)
		if content, err = appendText(content, in, limit); err != nil {
			return nil, fmt.Errorf("receive: %w", err)
		}
		if kind == code && string(content[begin:]) == raised {
			limit = maxNotice
		}
		content = append(content, 0)
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	message := new(pgproto3.ErrorResponse)
	if err := message.Decode(content); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return message, nil
}

// appendText appends the bytes before the next zero byte, up to limit of them.
func appendText(dst []byte, in *bufio.Reader, limit int) ([]byte, error) {
	for {
		part, err := in.ReadSlice(0)
		if err == nil {
			part = part[:len(part)-1]
		}
		n := min(limit, len(part))
		dst, limit = append(dst, part[:n]...), limit-n
		if !errors.Is(err, bufio.ErrBufferFull) {
			return dst, err
		}
	}
}
