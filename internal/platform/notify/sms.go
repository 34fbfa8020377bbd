package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// twilioURL is Twilio's own; others speak its language elsewhere.
const twilioURL = "https://api.twilio.com"

// sendSMS asks for one message.
// Source: Twilio, "Programmable Messaging", Message resource.
func (s *Sender) sendSMS(ctx context.Context, m Message) error {
	t := s.o.Twilio
	at := strings.TrimRight(cmp.Or(t.URL, twilioURL), "/") + "/2010-04-01/Accounts/" + url.PathEscape(t.AccountSID) + "/Messages.json"
	form := url.Values{"To": {m.To}, "From": {t.From}, "Body": {m.Text}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return &PermanentError{errors.New("romashka-twilio-url cannot be read")}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(t.AccountSID, t.AuthToken)
	answer, err := s.post(req)
	if err == nil {
		return nil
	}
	var told struct { // its message repeats the number
		Code int `json:"code"`
	}
	if json.Unmarshal(answer, &told) == nil && told.Code != 0 {
		return fmt.Errorf("%w, error %d", err, told.Code)
	}
	return err
}
