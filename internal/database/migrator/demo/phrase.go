package demo

// topic is a subject that customers write about.
type topic struct {
	intent          string
	weight          float64
	trust           float64 // how sure the AI is
	joy             float64 // the matter's own part of a rating
	user, ai, agent []string
}

// topics are a shop's. Read-only.
var topics = []topic{
	{
		intent: "order_status", weight: 28, trust: .9, joy: .2,
		user:  []string{"Where is my order?", "Has my parcel left yet?", "The tracking page shows nothing since Monday.", "When will my order arrive?"},
		ai:    []string{"It left our warehouse and should reach you in two days.", "Your order is with the carrier; here is the tracking number.", "I see the parcel in the delivery depot near you."},
		agent: []string{"I have asked the carrier and will write as soon as they answer.", "The depot found your parcel, it goes out today."},
	},
	{
		intent: "shipping", weight: 14, trust: .93, joy: .2,
		user:  []string{"Do you ship to Norway?", "How much is express delivery?", "Can I pick it up in a shop?"},
		ai:    []string{"We do, in four to six days.", "Express is 9.90 and arrives the next working day.", "Yes, choose collection at the checkout."},
		agent: []string{"I have changed the address for you.", "I moved it to express at no cost."},
	},
	{
		intent: "billing", weight: 13, trust: .72, joy: -.2,
		user:  []string{"I was charged twice.", "I need an invoice with our VAT number.", "Why is the total higher than in the basket?"},
		ai:    []string{"I am sorry about that, let me look at the charge.", "You can download the invoice in your account.", "The total includes shipping and tax."},
		agent: []string{"The second charge is refunded.", "I have sent you the corrected invoice."},
	},
	{
		intent: "refund", weight: 12, trust: .6, joy: -.5,
		user:  []string{"I want my money back.", "How do I return this?", "It arrived broken."},
		ai:    []string{"I am sorry. May I ask for the order number?", "Here is a return label; the refund follows in five days.", "Could you send us a photo of the damage?"},
		agent: []string{"I have taken over. The refund is on its way.", "We send you a new one today, keep the other."},
	},
	{
		intent: "pricing", weight: 11, trust: .88, joy: .3,
		user:  []string{"Do you have a plan for two people?", "Is there a discount for schools?", "What does the yearly plan cost?"},
		ai:    []string{"Yes, the Starter plan includes three seats.", "Schools pay half, write to us from the school's address.", "The yearly plan is two months cheaper."},
		agent: []string{"I can offer you ten percent for the first year."},
	},
	{
		intent: "technical", weight: 13, trust: .65, joy: -.1,
		user:  []string{"The app crashes when I open settings.", "I cannot connect the printer.", "The password mail never arrives."},
		ai:    []string{"Please update to the latest version and try again.", "Could you tell me which model it is?", "Please look into the spam folder first."},
		agent: []string{"Our engineers have found the cause, a fix comes tonight.", "I have reset it for you, please try once more."},
	},
	{
		intent: "complaint", weight: 9, trust: .45, joy: -.9,
		user:  []string{"Nobody answers my mails.", "This is the third time I ask.", "Your delivery left it in the rain."},
		ai:    []string{"I understand, and I am sorry. Let me bring in a colleague.", "That should not happen."},
		agent: []string{"That should not happen; I will follow up myself.", "I am sorry. We refund the delivery, and I spoke with the carrier."},
	},
}

// follow and closing are said in the middle of any conversation. Read-only.
var (
	follow  = []string{"Thank you.", "And how long will that take?", "I do not see it.", "Could you check again?", "Great, thanks!", "That does not help me.", "Yes.", "One more question."}
	closing = []string{"You are welcome.", "I have noted it and will come back to you.", "Done, please look again.", "Is there anything else?", "Let me check that for you."}
)

// topicWeights are how often each comes up. Read-only.
var topicWeights = func() []float64 {
	weights := make([]float64, len(topics))
	for i, t := range topics {
		weights[i] = t.weight
	}
	return weights
}()

// Names of people. Read-only.
var (
	given  = []string{"Ada", "Boris", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hana", "Igor", "Julia", "Karim", "Lena", "Marco", "Nadia", "Olga", "Pavel", "Rosa", "Stefan", "Tanja", "Yusuf"}
	family = []string{"Moore", "Ivanov", "Martin", "Schmidt", "Rossi", "Novak", "Silva", "Haddad", "Berg", "Kim", "Petrova", "Dubois", "Weber", "Costa", "Lind", "Okafor", "Tanaka", "Popov", "Meyer", "Ruiz"}
)
