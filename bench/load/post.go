package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// target is the gateway (several addresses are taken in turn) and what its tokens are made of; or a carrier.
type target struct {
	addresses                 []string
	secret, audience, subject string
	authority                 string
	status                    int
	client                    *http.Client
}

func (it *target) define(set *flag.FlagSet) {
	set.Func("to", "the gateway's address; may be repeated", func(value string) error {
		it.addresses = append(it.addresses, value)
		return nil
	})
	set.StringVar(&it.secret, "secret", "", "the key of the bearer tokens")
	set.StringVar(&it.audience, "audience", "", "their aud")
	set.StringVar(&it.subject, "subject", "", "their sub")
	set.StringVar(&it.authority, "ca", "", "whom to trust with https, PEM")
	set.IntVar(&it.status, "status", http.StatusOK, "the status of success")
}

func (it *target) open(connections int, timeout time.Duration) error {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	if it.authority != "" {
		pem, err := os.ReadFile(it.authority)
		if err != nil {
			return err
		}
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: trusted}
	}
	it.client = &http.Client{Timeout: timeout, Transport: transport}
	return nil
}

// token is a message's own, as a tenant's are: nobody's memory of tokens may make one faster.
func (it *target) token(number int) string {
	now := time.Now().Unix()
	claims := fmt.Sprintf(`{"aud":"%s","sub":"%s","iat":%d,"exp":%d,"jti":"%032x"}`,
		it.audience, it.subject, now, now+60, number)
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, []byte(it.secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// What stands where a status would: nobody was there, or nobody answered.
const (
	unreached  = -1
	unanswered = 0
)

// areas are codes of the USA, so that numbers are of many kinds of digits.
var areas = []int{201, 212, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 808, 817, 904, 917}

// recipient is a number that no other message of a run has: nobody's memory of numbers may make one faster.
func recipient(number int) string {
	return fmt.Sprintf("+1%d%07d", areas[number%len(areas)], 2000000+number/len(areas)%8000000)
}

// post sends message number, of its own number and text, and returns the answer's status.
func (it *target) post(number, try int) int {
	body := fmt.Sprintf(`{"recipient":"%s","body":"Your code is %06d. ref%d","sender":"Acme"}`,
		recipient(number), number%1000000, number)
	address := it.addresses[(number+try)%len(it.addresses)]
	request, err := http.NewRequest("POST", address, bytes.NewBufferString(body))
	if err != nil {
		return unreached
	}
	request.Header.Set("Authorization", "Bearer "+it.token(number))
	request.Header.Set("Content-Type", "application/json")
	answer, err := it.client.Do(request)
	var dialled *net.OpError
	if errors.As(err, &dialled) && dialled.Op == "dial" {
		return unreached
	}
	if err != nil {
		return unanswered
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// measure posts for some seconds, as fast as the connections allow or at a rate, and prints what it took. With
// -beside every other message goes there instead: what disturbs the machine disturbs both alike.
func measure(arguments []string) error {
	var it, beside target
	var connections int
	var duration time.Duration
	var rate float64
	var first int
	err := flags("measure", arguments, func(set *flag.FlagSet) {
		it.define(set)
		set.IntVar(&connections, "connections", 32, "how many at a time")
		set.DurationVar(&duration, "for", 3*time.Second, "how long")
		set.Float64Var(&rate, "rate", 0, "requests a second in all, 0 for as many as go")
		set.IntVar(&first, "first", 0, "the first message's number")
		set.Func("beside", "another address, for every other message", func(value string) error {
			beside.addresses = []string{value}
			return nil
		})
		set.IntVar(&beside.status, "beside-status", http.StatusAccepted, "its status of success")
	})
	if err != nil {
		return err
	}
	if err := it.open(connections, 30*time.Second); err != nil {
		return err
	}
	sides := []*target{&it}
	if len(beside.addresses) > 0 {
		beside.client = it.client
		sides = append(sides, &beside)
	}
	var next atomic.Int64
	next.Store(int64(first))
	var refused atomic.Int64
	taken := make([][][]float64, len(sides))
	for side := range taken {
		taken[side] = make([][]float64, connections)
	}
	began := time.Now()
	end := began.Add(duration)
	var group sync.WaitGroup
	for worker := range connections {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				number := int(next.Add(1))
				due := time.Now()
				if rate > 0 {
					due = began.Add(time.Duration(float64(number-first) / rate * float64(time.Second)))
					time.Sleep(time.Until(due))
				}
				if time.Now().After(end) {
					return
				}
				side := number % len(sides)
				if sides[side].post(number, 0) != sides[side].status {
					refused.Add(1)
					continue
				}
				// From when it was due, so that a stall counts for all who waited.
				took := float64(time.Since(due).Microseconds()) / 1000
				taken[side][worker] = append(taken[side][worker], took)
			}
		}()
	}
	group.Wait()
	seconds := time.Since(began).Seconds()
	found := map[string]any{"refused": refused.Load(), "seconds": seconds, "last": next.Load()}
	for side, prefix := range []string{"", "beside "}[:len(sides)] {
		all := slices.Concat(taken[side]...)
		slices.Sort(all)
		found[prefix+"requests"] = len(all)
		found[prefix+"p50"], found[prefix+"p99"] = quantile(all, 0.5), quantile(all, 0.99)
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(share*float64(len(sorted)-1))]
}

// endure posts every message until it is answered by 200, and prints how many answers of each kind there were.
func endure(arguments []string) error {
	var it target
	var messages, connections, tries int
	err := flags("endure", arguments, func(set *flag.FlagSet) {
		it.define(set)
		set.IntVar(&messages, "messages", 100000, "how many")
		set.IntVar(&connections, "connections", 64, "how many at a time")
		set.IntVar(&tries, "tries", 200, "how often one is repeated before it is given up")
	})
	if err != nil {
		return err
	}
	if err := it.open(connections, 30*time.Second); err != nil {
		return err
	}
	var next atomic.Int64
	var mutex sync.Mutex
	answers, accepted := map[int]int{}, 0
	var group sync.WaitGroup
	for range connections {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				number := int(next.Add(1))
				if number > messages {
					return
				}
				for try := range tries {
					status := it.post(number, try)
					mutex.Lock()
					answers[status]++
					if status == it.status {
						accepted++
					}
					mutex.Unlock()
					if status == it.status {
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
			}
		}()
	}
	group.Wait()
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"accepted": accepted, "answers": answers})
}
