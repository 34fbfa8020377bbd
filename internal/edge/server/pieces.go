package server

import (
	"io"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/answer"
)

// hold has the connection remember the answer's part of the memory for
// answers, until it is sent.
func (s *Server) hold(x *exchange, held int64) {
	if held == 0 {
		return
	}
	if c, ok := x.c.Context().Conn().(*conn); ok {
		c.keep(held)
		return
	}
	s.o.Answers.Give(held)
}

// sendPieces sends a body that has several pieces, one after the other, without
// ever putting them together.
func (s *Server) sendPieces(x *exchange, res *postgrest.Response) {
	size := len(res.Body)
	for _, piece := range res.Rest {
		size += len(piece)
	}
	x.sent = int64(size)
	coding := x.negotiate(size)
	if coding != identity {
		x.c.Response().Header.SetContentEncoding(string(coding))
		size = -1
	}
	x.c.Response().SetBodyStream(&streamBody{
		write:  func(w io.Writer) error { return writePieces(w, res, coding) },
		finish: func() { recycle(res) },
		size:   int64(size),
	}, size)
}

func writePieces(w io.Writer, res *postgrest.Response, c coding) error {
	out, err := encoder(w, c)
	if err != nil {
		return err
	}
	if _, err := out.Write(res.Body); err != nil {
		return err
	}
	for _, piece := range res.Rest {
		if _, err := out.Write(piece); err != nil {
			return err
		}
	}
	return out.Close()
}

func recycle(res *postgrest.Response) {
	answer.Recycle(res.Body)
	for _, piece := range res.Rest {
		answer.Recycle(piece)
	}
	res.Body, res.Rest = nil, nil
}
