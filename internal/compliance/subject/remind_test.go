package subject_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/romashka/sidecar/internal/compliance/subject"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/notify"
)

// mailbox is a session of a real SMTP server that keeps what it gets.
type mailbox struct {
	mu    sync.Mutex
	mails []string
}

func (b *mailbox) Reset()                               {}
func (b *mailbox) Logout() error                        { return nil }
func (b *mailbox) Mail(string, *smtp.MailOptions) error { return nil }
func (b *mailbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (b *mailbox) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, string(body))
	return err
}

// Requests that are due within a week, or late, are one mail a day, which names
// nobody; those that are answered or due later are none.
func TestRemind(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return box, nil }))
	server.Domain = "mail.test"
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	sender, err := notify.New(notify.Options{SMTPURL: "smtp://" + ln.Addr().String(), MailFrom: "noreply@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	courier := notify.Courier{Sender: sender}

	conn := pgtest.Conn(t, pgtest.Migrated(t, "postgres"))
	run(t, conn, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('notifications', '{"recipients": [{"channel": "mail", "to": "dpo@example.com", "floor": "low"}]}');
		INSERT INTO public.data_subject_requests (request_type, customer_email, status, created_at, due_at, regulation) VALUES
		('access', 'later@person.test', 'pending', now(), now() + interval '20 days', 'gdpr'), ('access', 'done@person.test', 'completed', now(), now() - interval '1 day', 'gdpr')`)
	remind := func(want int) {
		t.Helper()
		n, err := subject.Remind(t.Context(), conn)
		if err != nil || n != want {
			t.Fatalf("%d requests, want %d (%v)", n, want, err)
		}
		if _, err := courier.Run(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	remind(0)
	run(t, conn, `INSERT INTO public.data_subject_requests (id, request_type, customer_email, status, created_at, due_at, regulation) VALUES
		('00000000-0000-4000-8000-00000000d501', 'erasure', 'late@person.test', 'pending', now() - interval '33 days', NULL, 'gdpr'),
		('00000000-0000-4000-8000-00000000d502', 'access', 'soon@person.test', 'processing', now() - interval '40 days', NULL, 'ccpa')`)
	remind(2)
	remind(2) // the same day
	if len(box.mails) != 1 {
		t.Fatalf("%d mails, want 1", len(box.mails))
	}
	mail := strings.ReplaceAll(box.mails[0], "=\r\n", "")
	for _, want := range []string{"2 requests of data subjects are due", "00000000-0000-4000-8000-00000000d501 (GDPR): 3 days late", "00000000-0000-4000-8000-00000000d502 (CCPA): due on "} {
		if !strings.Contains(mail, want) {
			t.Errorf("%q is not in\n%s", want, mail)
		}
	}
	if strings.Contains(mail, "person.test") {
		t.Errorf("a person is named:\n%s", mail)
	}
}
