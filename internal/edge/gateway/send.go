package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// redialPause lets a restarting upstream, or the balancer before it, take a
// breath.
const redialPause = 100 * time.Millisecond

// send makes the round trip and calls the Watch.
//
// Without a result and an error the client has left.
func (x *exchange) send(ctx context.Context) (*http.Response, *apierr.Error) {
	service, _, _ := strings.Cut(strings.TrimPrefix(x.p.Path, "/"), "/")
	ended := x.g.o.Watch(ctx, service, x.request)
	res, refusal := x.roundTrip(ctx)
	switch {
	case res != nil:
		ended(Outcome{Status: res.StatusCode})
	case refusal != nil && refusal.Status >= http.StatusInternalServerError:
		ended(Outcome{Failed: true})
	default: // the client's fault, or nobody's
		ended(Outcome{})
	}
	return res, refusal
}

// roundTrip is send without a watch. The transport itself repeats a request that found
// a connection closed which was kept for reuse, when nothing of the request
// was sent, or nothing of the answer came and the request is a GET, HEAD,
// OPTIONS or TRACE without a body. Those are also tried again, once, when no
// connection could be made.
//
// Without a result and an error the client has left.
func (x *exchange) roundTrip(ctx context.Context) (*http.Response, *apierr.Error) {
	request := x.request.WithContext(ctx)
	res, err := x.g.transport.RoundTrip(request)
	if dialFailed(err) && repeatable(request) && service.Sleep(ctx, redialPause) == nil {
		res, err = x.g.transport.RoundTrip(request)
	}
	if err == nil {
		return res, nil
	}
	if x.body != nil {
		x.body.stop()
		if refusal := x.body.refusal(); refusal != nil {
			return nil, refusal
		}
	}
	if over := x.p.Over(); over != nil {
		return nil, over
	}
	if ctx.Err() != nil || x.body != nil && x.body.left() {
		return nil, nil //nolint:nilerr,nilnil // documented: nobody is left to answer
	}
	x.g.log.LogAttrs(ctx, slog.LevelWarn, "upstream failed", slog.String("request_id", x.p.RequestID), slog.Any("err", err))
	return nil, x.g.failure(err)
}

func dialFailed(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return r.Body == nil
	}
	return false
}

// failure is the client's answer for err: the kind of failure, and no address.
func (g *Gateway) failure(err error) *apierr.Error {
	if stalled(err) {
		return unreachable("It took nothing of the request for " + g.o.UploadTimeout.String() + ".")
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() && !dialFailed(err) {
		return late(g.o.AnswerTimeout)
	}
	var untrusted *tls.CertificateVerificationError
	var errno syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return unreachable("Its name cannot be resolved.")
	case errors.As(err, &untrusted):
		return unreachable("Its certificate is not trusted.")
	case errors.As(err, &errno):
		return unreachable("The system says: " + errno.Error() + ".")
	case dialFailed(err):
		return unreachable("No connection could be made in time.")
	default:
		return unreachable("It broke the connection off, or its answer is malformed.")
	}
}
