package demo

import (
	"fmt"
	"strings"
	"time"
)

// people are the agents' profiles. Their accounts are made by SQL, before: see
// accounts.
func (t *tenant) people() table {
	columns := []string{"id", "email", "full_name", "company_name", "role", "onboarding_completed", "created_at"}
	return newTable("profiles", agents, columns, func(i int) []any {
		name := given[i] + " " + family[i]
		return []any{key(t.seed, agentKey, i), t.email(i), name, "Demo Shop", "agent", true, t.start()}
	})
}

// email of an agent.
func (t *tenant) email(i int) string {
	return fmt.Sprintf("agent%d.%d@demo-tenant.romashka.test", i+1, t.seed)
}

// start is when the tenant opened.
func (t *tenant) start() time.Time { return t.until.AddDate(0, 0, -Days).Truncate(24 * time.Hour) }

func (t *tenant) availability() table {
	columns := []string{"id", "agent_id", "is_online", "status", "max_concurrent_chats", "current_chat_count", "last_activity"}
	status := map[bool]string{true: "available", false: "offline"}
	return newTable("agent_availability", agents, columns, func(i int) []any {
		return []any{key(t.seed, availabilityKey, i), key(t.seed, agentKey, i), t.online(i), status[t.online(i)], 5, i % 4, t.until}
	})
}

func (t *tenant) customerProfiles() table {
	type sum struct {
		talks, rated, ratings int
		first, last           time.Time
	}
	sums := make([]sum, t.customers)
	for n := range t.starts {
		c := t.talk(n)
		s := &sums[c.customer]
		if s.talks++; s.talks == 1 {
			s.first = c.start
		}
		s.last = c.start
		if c.rating > 0 {
			s.rated, s.ratings = s.rated+1, s.ratings+c.rating
		}
	}
	columns := []string{
		"id", "email", "name", "language", "status", "tags", "total_conversations", "avg_satisfaction",
		"first_interaction", "last_interaction", "created_at",
	}
	return newTable("customer_profiles", t.customers, columns, func(i int) []any {
		s, r := sums[i], dice(t.seed, customerKey, i)
		name, email := t.customer(i)
		var average any
		if s.rated > 0 {
			average = float64(s.ratings) / float64(s.rated)
		}
		first := s.first
		if s.talks == 0 {
			first = t.start()
		}
		tags := []string{}
		if s.talks > 5 {
			tags = append(tags, "regular")
		}
		return []any{
			key(t.seed, customerKey, i), email, name, one(r, []string{"en", "en", "de", "fr", "ru"}), "active", tags,
			s.talks, average, first, orNull(s.last), first,
		}
	})
}

// customer is the name and address of one.
func (t *tenant) customer(i int) (name, email string) {
	r := dice(t.seed, customerKey, i)
	first, last := one(r, given), one(r, family)
	return first + " " + last, fmt.Sprintf("%s.%d.%d@customers.romashka.test", strings.ToLower(strings.ReplaceAll(first, "é", "e")), i, t.seed)
}

// orNull is NULL for the zero time.
func orNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}
