// Calls an API for itself, twice with one token, and prints what it was answered.
const { ISSUER, CLIENT_ID, CLIENT_SECRET, RESOURCE, SCOPE, API } = process.env

let kept

async function token() {
  if (kept && kept.until > Date.now()) return kept.token
  const answer = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: RESOURCE, scope: SCOPE }),
  })
  const { access_token, expires_in, error_description } = await answer.json()
  if (!answer.ok) throw new Error(error_description)
  // A minute early, so that it does not run out on the way.
  kept = { token: access_token, until: Date.now() + (expires_in - 60) * 1000 }
  return access_token
}

async function call(url) {
  return fetch(url, { headers: { authorization: `Bearer ${await token()}` } })
}

for (const url of [API, API]) {
  const answer = await call(url)
  console.log(answer.status, await answer.text())
}
