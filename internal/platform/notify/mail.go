package notify

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	mail "github.com/wneessen/go-mail"
)

// smtpServer is where mail is handed in.
type smtpServer struct {
	host, user, password string
	port                 int
	implicitTLS          bool
}

func parseSMTP(text string) (*smtpServer, error) {
	wrong := errors.New("romashka-smtp-url cannot be read; example: smtp://user:password@mail.example.com:587, or smtps://")
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, wrong
	}
	s := &smtpServer{host: u.Hostname(), implicitTLS: u.Scheme == "smtps", port: 587}
	if s.implicitTLS {
		s.port = 465
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return nil, wrong
		}
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	return s, nil
}

// here reports whether the server is on this machine, to which nothing needs
// to be encrypted.
func (s *smtpServer) here() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || ip != nil && ip.IsLoopback()
}

// options never send a password, or a code to a far server, in the clear where
// the server can do better; a password never.
func (s *smtpServer) options() []mail.Option {
	o := []mail.Option{mail.WithPort(s.port)}
	switch {
	case s.implicitTLS:
		o = append(o, mail.WithSSL())
	case s.user != "" && !s.here():
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if s.user == "" {
		return o
	}
	kind := mail.SMTPAuthAutoDiscover
	if s.here() {
		kind = mail.SMTPAuthPlainNoEnc
	}
	return append(o, mail.WithSMTPAuth(kind), mail.WithUsername(s.user), mail.WithPassword(s.password))
}

func (s *Sender) sendMail(ctx context.Context, m Message) error {
	msg := mail.NewMsg()
	if err := msg.From(s.o.MailFrom); err != nil {
		return &PermanentError{errors.New("the sender's address is not taken")}
	}
	if err := msg.To(m.To); err != nil {
		return &PermanentError{errors.New("the recipient's address is not taken")}
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	if !m.At.IsZero() {
		msg.SetDateWithValue(m.At)
	}
	msg.SetMessageIDWithValue(m.ID + "@romashka")
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	options := append(s.smtp.options(), mail.WithTimeout(s.o.Timeout))
	if s.o.TLS != nil {
		options = append(options, mail.WithTLSConfig(s.o.TLS))
	}
	client, err := mail.NewClient(s.smtp.host, options...)
	if err != nil {
		return &PermanentError{errors.New("the mail server's settings are not taken")}
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		var refused *mail.SendError
		if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
			return &PermanentError{err}
		}
		return err
	}
	return nil
}

// oneLine keeps a header's value from becoming another header.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
