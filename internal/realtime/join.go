package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/realtime/phoenix"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

// joining is the payload of a join.
type joining struct {
	Config struct {
		Broadcast struct{ Ack, Self bool }
		Presence  struct {
			Key     string
			Enabled *bool
		}
		Changes []json.RawMessage `json:"postgres_changes"`
		Private bool
	} `json:"config"`
	Token *string `json:"access_token"`
	Older *string `json:"user_token"`
}

// join lets a socket into a topic. What was joined before under the same name
// ends.
func (k *socket) join(m *phoenix.Message) {
	name, ok := strings.CutPrefix(m.Topic, topicPrefix)
	if !ok || name == "" {
		k.refuse(m, "You must provide a topic name")
		return
	}
	var in joining
	if len(m.Payload) > 0 && json.Unmarshal(m.Payload, &in) != nil {
		k.refuse(m, "InvalidJoinPayload: the config of the channel is not of the form that it has")
		return
	}
	c := &channel{
		k: k, topic: m.Topic, name: name, joinRef: m.JoinRef, private: in.Config.Private,
		ack: in.Config.Broadcast.Ack, self: in.Config.Broadcast.Self,
		// Older clients do not say that they want presence.
		presence: in.Config.Presence.Enabled == nil || *in.Config.Presence.Enabled, presenceKey: in.Config.Presence.Key,
	}
	if c.joinRef == nil {
		c.joinRef = m.Ref
	}
	if c.presenceKey == "" {
		c.presenceKey = uuid.NewString()
	}
	if len(c.presenceKey) > phoenix.MaxName {
		k.refuse(m, "the key of presence has at most 255 bytes")
		return
	}
	if former := k.s.hub.find(k, m.Topic); former != nil && k.s.hub.remove(former) {
		former.closed("phx_close")
	}
	if reason := c.enter(&in); reason != "" {
		k.refuse(m, reason)
		return
	}
	k.welcome(m, c, &in)
}

func (k *socket) refuse(m *phoenix.Message, reason string) {
	text, err := json.Marshal(map[string]string{"reason": reason})
	if err == nil {
		k.reply(m, "error", string(text))
	}
}

// enter finds out whose the channel is and what it may, and puts it into its
// topic. It returns why not.
func (c *channel) enter(in *joining) (reason string) {
	token := in.Token
	if in.Older != nil {
		token = in.Older
	}
	if token == nil || *token == "" || strings.HasPrefix(*token, "sb_") {
		reason = c.adopt(c.k.who)
	} else {
		reason = c.believe(*token)
	}
	if reason == "" && c.private {
		reason = c.admit()
	}
	if reason != "" {
		return reason
	}
	if !c.k.s.hub.add(c, c.k.s.o.Limits.Channels) {
		return "ChannelRateLimitReached: Too many channels"
	}
	c.watchSession()
	return ""
}

// welcome subscribes to changes, answers the join, and sends who is present.
func (k *socket) welcome(m *phoenix.Message, c *channel, in *joining) {
	var fault error
	list, err := c.readSubscriptions(in.Config.Changes)
	if err == nil && len(list) > 0 {
		fault = c.subscribe(list)
		if _, own := errors.AsType[*visible.RefusedError](fault); fault != nil && !own {
			k.s.hub.remove(c)
			k.refuse(m, "Changes of tables cannot be followed at the moment, please try again")
			return
		}
	}
	k.reply(m, "ok", `{"postgres_changes":`+echo(in.Config.Changes)+`}`)
	switch {
	case err != nil || fault != nil:
		c.system("postgres_changes", "error", "Unable to subscribe to changes with given parameters. "+errors.Join(err, fault).Error())
	case len(list) > 0:
		c.system("postgres_changes", "ok", "Subscribed to PostgreSQL")
	}
	if c.presence && (!c.private || c.seesPresence) {
		k.s.hub.sendPresence(c)
	}
}

// echo gives back what was subscribed to, each with its number.
func echo(changes []json.RawMessage) string {
	list := make([]map[string]json.RawMessage, 0, len(changes))
	for i, text := range changes {
		one := map[string]json.RawMessage{}
		if json.Unmarshal(text, &one) != nil || one == nil {
			one = map[string]json.RawMessage{}
		}
		one["id"] = json.RawMessage(strconv.Itoa(i + 1))
		list = append(list, one)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "[]" // cannot be: it was JSON
	}
	return string(text)
}

func (c *channel) readSubscriptions(changes []json.RawMessage) ([]*subscription, error) {
	if most := c.k.s.o.Limits.Changes; len(changes) > most {
		return nil, fmt.Errorf("a channel has at most %d of them", most)
	}
	list := make([]*subscription, 0, len(changes))
	for i, text := range changes {
		spec, err := visible.ParseSpec(text)
		if err != nil {
			return nil, err
		}
		list = append(list, &subscription{channel: c, id: i + 1, spec: spec})
	}
	return list, nil
}

// subscribe has the database look at the subscriptions, and begins them.
func (c *channel) subscribe(list []*subscription) error {
	const longest = 5 * time.Second // less than clients wait for the answer to a join
	ctx, cancel := context.WithTimeout(c.k.ctx, longest)
	defer cancel()
	turn, err := c.k.s.changes.ready(ctx)
	if err != nil {
		return err
	}
	specs := make([]*visible.Spec, len(list))
	for i, s := range list {
		specs[i] = &s.spec
	}
	if err := c.k.s.checker.Try(ctx, visible.Reader{Role: c.who.Role, Claims: c.who.Claims}, specs...); err != nil {
		return err
	}
	for _, s := range list {
		err := c.k.s.follower.Watch(ctx, source.Table{Schema: s.spec.Schema, Name: s.spec.Table})
		if _, own := errors.AsType[*source.UnwatchableError](err); own { // its text is the operator's, and in the log
			err = &visible.RefusedError{Reason: fmt.Sprintf("Changes of %s.%s cannot be followed here", s.spec.Schema, s.spec.Table)}
		}
		if err != nil {
			return err
		}
	}
	if !c.k.s.changes.begin(turn, c, list) {
		return errors.New("changes were missed meanwhile")
	}
	return nil
}
