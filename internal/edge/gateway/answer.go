package gateway

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// framing is how the end of an answer's body shows.
type framing int

const (
	noBody     framing = iota
	byLength           // Content-Length bytes
	byChunks           // an empty chunk
	byTheClose         // of the connection: HTTP/1.0 knows no chunks
)

// framingOf keeps the upstream's where the client can read it.
func (x *exchange) framingOf(res *http.Response) framing {
	switch {
	case x.request.Method == http.MethodHead, res.StatusCode < 200, res.StatusCode == http.StatusNoContent, res.StatusCode == http.StatusNotModified:
		return noBody
	case res.ContentLength >= 0:
		return byLength
	case x.request.ProtoAtLeast(1, 1):
		return byChunks
	default:
		return byTheClose
	}
}

// endless reports whether the answer ends only when somebody leaves.
func endless(res *http.Response) bool {
	return strings.HasPrefix(strings.ToLower(res.Header.Get("Content-Type")), "text/event-stream")
}

// answer writes the upstream's answer to the client as it comes.
func (x *exchange) answer(res *http.Response) server.Passed {
	if x.body != nil {
		x.body.answering()
	}
	f := x.framingOf(res)
	reusable := x.reusable() && f != byTheClose
	x.writeHead(res, f, reusable)
	var err error
	if f == noBody {
		err = x.out.Flush()
	} else {
		err = x.writeBody(res, f)
	}
	switch over := x.p.Over(); {
	case errors.Is(err, errNotBegun) && over != nil:
		x.out.Reset(x.p.Conn) // the head was not sent
		return x.refuse(over)
	case err != nil:
		return x.broken()
	}
	return x.passed(reusable)
}

// errNotBegun says that the upstream's body broke off before anything was sent.
var errNotBegun = errors.New("nothing was sent")

// writeHead writes status and headers into the buffer.
func (x *exchange) writeHead(res *http.Response, f framing, reusable bool) {
	h := res.Header
	dropHopByHop(h)
	addMissing(h, x.p.Header)
	switch f {
	case byChunks:
		h["Transfer-Encoding"] = []string{"chunked"}
		if len(res.Trailer) > 0 {
			h["Trailer"] = []string{strings.Join(slices.Sorted(maps.Keys(res.Trailer)), ", ")}
		}
	case byLength:
		h["Content-Length"] = []string{strconv.FormatInt(res.ContentLength, 10)}
	case noBody, byTheClose: // a Content-Length beside no body is the upstream's
		if res.StatusCode == http.StatusNoContent {
			delete(h, "Content-Length") // RFC 9110, 8.6
		}
	}
	if !reusable {
		h["Connection"] = []string{"close"}
	}
	x.begin(res, h)
}

// begin writes the head into the buffer and keeps its status and framing.
func (x *exchange) begin(res *http.Response, h http.Header) {
	x.done.Status, x.done.ContentType, x.done.ContentLength = res.StatusCode, h.Get("Content-Type"), h.Get("Content-Length")
	x.done.ErrorCode = h.Get("X-Sb-Error-Code")
	writeStatus(x.out, res)
	h.Write(x.out) //nolint:errcheck // Flush returns the error
	x.out.WriteString("\r\n")
}

// writeStatus keeps the upstream's reason phrase.
func writeStatus(w *bufio.Writer, res *http.Response) {
	w.WriteString("HTTP/1.1 ")
	w.WriteString(strconv.Itoa(res.StatusCode))
	_, reason, _ := strings.Cut(res.Status, " ")
	w.WriteString(" " + reason + "\r\n")
}

// addMissing adds the edge's headers that the upstream did not send. CORS
// headers count as one: half of each would be a policy of nobody's.
func addMissing(h, edge http.Header) {
	const cors = "Access-Control-"
	_, decided := h[cors+"Allow-Origin"]
	for name, values := range edge {
		_, sent := h[name]
		switch {
		case name == "Vary" && !decided: // the edge's is about CORS
			h[name] = append(h[name], values...)
		case !sent && (!decided || !strings.HasPrefix(name, cors)):
			h[name] = values
		}
	}
}

// writeBody copies the body in the pieces in which it comes and never keeps
// one back while it waits for the next. It starts with a small buffer, because
// most bodies are small and most streams idle.
func (x *exchange) writeBody(res *http.Response, f framing) error {
	small := piece(&x.g.small, smallPiece)
	defer x.g.small.Put(small)
	buf, left := *small, res.ContentLength
	if f != byLength {
		if err := x.out.Flush(); err != nil { // there may be no piece for long
			return err
		}
	}
	for f != byLength || left > 0 {
		n, err := res.Body.Read(buf[chunkedRoom : len(buf)-2])
		left -= int64(n)
		if n > 0 {
			x.keep(res, buf[chunkedRoom:chunkedRoom+n])
			x.writePiece(buf, n, f)
		}
		if err == io.EOF {
			break
		}
		if err != nil && f == byLength && x.done.Sent == 0 && x.p.Over() != nil {
			return errors.Join(err, errNotBegun)
		}
		if err != nil {
			return errors.Join(err, x.out.Flush())
		}
		if left == 0 && f == byLength {
			break
		}
		if err := x.out.Flush(); err != nil {
			return err
		}
		if n == smallPiece && len(buf) == len(*small) {
			large := piece(&x.g.large, largePiece)
			defer x.g.large.Put(large)
			buf = *large
		}
	}
	if f == byLength && left != 0 {
		return errors.Join(io.ErrUnexpectedEOF, x.out.Flush())
	}
	if f == byChunks {
		x.writeTrailer(res.Trailer)
	}
	return x.out.Flush()
}

// keep counts a piece of the answer, and has the first ones for those who ask,
// where they can be read.
func (x *exchange) keep(res *http.Response, p []byte) {
	x.done.Sent += int64(len(p))
	if room := x.p.Keep - len(x.done.Answered); room > 0 && res.Header.Get("Content-Encoding") == "" {
		x.done.Answered = append(x.done.Answered, p[:min(len(p), room)]...)
	}
}

// writePiece writes the n bytes that stand in buf after chunkedRoom. A chunk's
// size and line ends go around them, so that it is one write.
func (x *exchange) writePiece(buf []byte, n int, f framing) {
	start, end := chunkedRoom, chunkedRoom+n
	if f == byChunks {
		var size [8]byte
		digits := strconv.AppendUint(size[:0], uint64(n), 16)
		start -= len(digits) + 2
		copy(buf[start:], digits)
		copy(buf[start+len(digits):], "\r\n")
		copy(buf[end:], "\r\n")
		end += 2
	}
	if end-start > x.out.Available() {
		x.out.Flush() // it keeps its error for the next
	}
	x.out.Write(buf[start:end])
}

// writeTrailer ends a chunked body. Trailers came with the body's end.
func (x *exchange) writeTrailer(trailer http.Header) {
	x.out.WriteString("0\r\n")
	dropHopByHop(trailer)
	trailer.Write(x.out) //nolint:errcheck // Flush returns the error
	x.out.WriteString("\r\n")
}

// refuse answers with an error of ours; nil means that nobody is left.
func (x *exchange) refuse(refusal *apierr.Error) server.Passed {
	if x.body != nil {
		x.body.answering()
	}
	body := refusal.Body(x.g.o.Verbosity)
	h := make(http.Header, 8)
	for _, field := range refusal.Headers() {
		h.Add(field.Name, field.Value)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	addMissing(h, x.p.Header)
	reusable := x.reusable()
	if !reusable {
		h.Set("Connection", "close")
	}
	x.begin(&http.Response{StatusCode: refusal.Status, Status: " " + http.StatusText(refusal.Status)}, h)
	if x.request == nil || x.request.Method != http.MethodHead {
		x.out.Write(body)
	}
	x.done.Code = refusal.Code
	if x.out.Flush() != nil {
		return x.broken()
	}
	return x.passed(reusable)
}
