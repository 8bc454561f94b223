/* What JavaScript adds. Every page works without it. */

const all = (selector, root = document) => [...root.querySelectorAll(selector)]

/* Done to every page, and again in another language. */
const parts = []
const each = (...part) => parts.push(part)
const prepare = () => parts.flatMap(([selector, make]) => all(selector).map(make))

/* Show and hide passwords; they are sent hidden, so that no browser keeps them as text. */
each('[data-toggle]', (button) => {
  const { form } = button
  const fields = all('input[type=password]', form)
  const turn = (shown) => {
    if (shown === (fields[0].type === 'text')) return
    for (const field of fields) field.type = shown ? 'text' : 'password'
    ;[button.dataset.toggle, button.textContent] = [button.textContent, button.dataset.toggle]
  }
  button.hidden = false
  button.addEventListener('click', () => turn(fields[0].type === 'password'))
  form.addEventListener('submit', () => turn(false))
})

/* Judge a new password while it is typed: its length at once, all the rest by the server. */
each('[data-check]', (strength) => {
  const { check, minimum } = strength.dataset
  const texts = JSON.parse(strength.dataset.texts)
  const [bar, status] = strength.children
  const form = strength.closest('form')
  const { password, link } = form.elements
  // Later the link is used up.
  const leaving = new AbortController()
  form.addEventListener('submit', () => leaving.abort())
  let timer

  const say = (state, text) => {
    strength.dataset.state = state
    if (status.textContent !== text) status.textContent = text
  }

  const ask = async () => {
    const asked = password.value
    const answer = await fetch(check, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: asked, link: link?.value }),
      // Not the way to the sign-in.
      redirect: 'error',
      signal: leaving.signal,
    }).catch(() => undefined)
    if (!answer?.ok) return
    const { ok, reasons = [] } = await answer.json()
    // Typed on meanwhile.
    if (asked !== password.value) return
    const text = ok ? texts.good : reasons.map((reason) => texts[reason]).find(Boolean)
    if (text) say(ok ? 'good' : 'bad', text)
  }

  password.addEventListener('input', () => {
    const count = [...password.value.normalize('NFKC')].length
    strength.hidden = count === 0
    bar.value = count
    clearTimeout(timer)
    // It is about another password by now.
    form.querySelector('#password-error')?.remove()
    password.removeAttribute('aria-invalid')
    say('', texts.count.replace('#', count))
    if (count >= minimum) timer = setTimeout(ask, 300)
  })
})

/* Copy what a button carries, and say so. Browsers let only pages on https do it. */
each('[data-copy]', (button) => {
  if (!navigator.clipboard) return
  const status = button.parentElement.querySelector('[data-copied]')
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy)
    status.textContent = status.dataset.copied
    setTimeout(() => status.replaceChildren(), 4000)
  })
})

each('[data-print]', (button) => {
  button.hidden = false
  button.addEventListener('click', () => print())
})

/* Of a pasted message, take the code: in one piece, or in two halves. */
each('[inputmode=numeric]', (field) => {
  field.addEventListener('paste', (event) => {
    const text = event.clipboardData.getData('text').replace(/\p{Cf}/gu, '')
    const codes = text.match(/(?<!\p{Nd})(\p{Nd}{3}|\p{Nd}{4})[\s\p{Pd}.·]?(\p{Nd}{3}|\p{Nd}{4})(?!\p{Nd})/gu) ?? []
    const code = codes.find((found) => field.pattern && new RegExp(`^(?:${field.pattern})$`, 'u').test(found))
    if (!code) return
    event.preventDefault()
    field.value = code.replace(/[\s\p{Pd}.·]/gu, '')
  })
})

/* Another code can be had after a while; the button says how long. */
each('[data-wait]', (button) => {
  const label = button.textContent
  const due = Date.now() + button.dataset.wait * 1000
  const tick = () => {
    const left = Math.ceil((due - Date.now()) / 1000)
    button.disabled = left > 0
    button.textContent = left > 0 ? `${label} (${left} s)` : label
    if (left > 0) setTimeout(tick, 1000)
  }
  tick()
})

/* Passkeys: what the browser answers goes out in a field of the form (Web Authentication Level 3, section 5.1). */
const passkeys = window.PublicKeyCredential
const encode = (bytes) => {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt())

/* An id is bytes, but not that of this site. */
function revive(key, value) {
  return key === 'challenge' || (key === 'id' && ('type' in this || 'displayName' in this)) ? decode(value) : value
}

/* As its `toJSON()` would write it: not every browser and password manager has that. */
const written = (credential) => {
  const { id, type, authenticatorAttachment, response } = credential
  const clientExtensionResults = credential.getClientExtensionResults()
  const sent = { transports: response.getTransports?.() }
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (response[part]) sent[part] = encode(response[part])
  return JSON.stringify({ id, rawId: id, type, authenticatorAttachment, clientExtensionResults, response: sent })
}

/* A browser refuses a request until the one before has ended. */
let pending = new AbortController()
let last = Promise.resolve()
const abort = () => pending.abort()

const ask = (button, mediation) => {
  const { dataset, form, nextElementSibling: field } = button
  const publicKey = JSON.parse(dataset.options, revive)
  abort()
  pending = new AbortController()
  const { signal } = pending
  const open = async () => {
    if (mediation && !(await passkeys.isConditionalMediationAvailable?.())) return
    field.value = written(await navigator.credentials[dataset.passkey]({ publicKey, mediation, signal }))
    form.requestSubmit()
  }
  last = last.then(open).catch(({ name }) => {
    // Only whoever pressed the button hears of it, and did nothing else since.
    if (mediation || signal.aborted) return
    say(button, name)
    button.removeAttribute('aria-busy')
    offer(button)
  })
}
const say = ({ nextElementSibling: field }, what) => {
  const status = field.nextElementSibling
  const texts = JSON.parse(status.dataset.texts)
  status.textContent = texts[what] ?? texts.failed
}
/* Among what the browser fills in; nothing opens by itself. */
const offer = (button) => button.dataset.conditional !== undefined && ask(button, 'conditional')

/* Refused while a request is open, so before one. */
each('[data-signal]', ({ dataset }) => {
  const { method, options } = JSON.parse(dataset.signal)
  passkeys?.[method]?.(options).catch(() => {})
})

each('[data-passkey]', (button) => {
  if (!passkeys) return say(button, 'absent')
  button.hidden = false
  button.addEventListener('click', () => {
    say(button, 'none')
    button.setAttribute('aria-busy', 'true')
    ask(button)
  })
  offer(button)
})

each('[data-platform]', async (part) => {
  part.hidden = !(await passkeys?.isUserVerifyingPlatformAuthenticatorAvailable?.())
  // A field of a form tells the server.
  if (part.form && !part.hidden) part.value = 'yes'
})
addEventListener('pagehide', abort)
addEventListener('pageshow', ({ persisted }) => persisted && passkeys && all('[data-passkey]').map(offer))

prepare()

/* Another language keeps what was typed, if a page with the same fields comes. */
const fields = (root) => all('input, select, textarea, button, details', root)
// What the script has filled in makes no other page.
const named = ({ name, type, value, dataset }) => [
  name,
  /hidden|submit/.test(type) && dataset.platform === undefined && value,
]
document.addEventListener('click', async (event) => {
  const link = event.target.closest('footer [hreflang]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const { href, lang } = link
  const answer = await fetch(href, { redirect: 'error' }).catch(() => new Response())
  const { body, title } = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const before = fields(document)
  const after = fields(body)
  if (!after[0] || `${before.map(named)}` !== `${after.map(named)}`) return location.assign(href)
  Object.assign(document, { body, title })
  document.documentElement.lang = lang
  history.replaceState(null, '', href)
  prepare()
  after.forEach((field, at) => {
    const { type, files, value, checked, open } = before[at]
    Object.assign(field, type === 'file' ? { files } : { value, checked, open })
    field.dispatchEvent(new Event('input'))
  })
  all('footer [hreflang]')[0].focus()
})

/* A form is sent once, however often it is pressed; again if no answer comes. */
const release = () => {
  for (const form of all('[data-sent]')) delete form.dataset.sent
  for (const button of all('[aria-busy]')) button.removeAttribute('aria-busy')
  for (const field of all('[data-passkey] + input')) field.value = ''
}
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.dataset.sent !== undefined) return event.preventDefault()
  // Half a date would be sent as none.
  for (const field of all('[type=date]', form))
    if (field.validity.badInput) Object.assign(field, { type: 'text', value: '?' })
  // A file comes, and the page stays.
  if (event.submitter?.dataset.file !== undefined) return
  form.dataset.sent = ''
  event.submitter?.setAttribute('aria-busy', 'true')
  abort()
  setTimeout(release, 10_000)
})
addEventListener('pageshow', release)

/* What answered a form of a sign-in stands behind **Back** as a page, not as a form to be sent again. */
if (/^\/(interaction|recover|activate)(\/|$)/.test(location.pathname)) history.replaceState(null, '', location.href)

for (const form of all('[data-automatic]')) form.requestSubmit(form.querySelector('button'))
