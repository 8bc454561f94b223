/* What JavaScript adds. Every page works without it. */

const all = (selector, root = document) => [...root.querySelectorAll(selector)]

/* Show and hide the passwords of one form; hidden again before they are sent, so that no browser keeps them as text. */
for (const button of all('[data-toggle]')) {
  const { form } = button
  const fields = all('input[type=password]', form)
  const turn = (shown) => {
    if (shown === (fields[0].type === 'text')) return
    for (const field of fields) field.type = shown ? 'text' : 'password'
    const other = button.dataset.toggle
    button.dataset.toggle = button.textContent
    button.textContent = other
  }
  button.hidden = false
  button.addEventListener('click', () => turn(fields[0].type === 'password'))
  form.addEventListener('submit', () => turn(false))
}

/* Judge a new password while it is typed: its length at once, all the rest by the server. */
for (const strength of all('[data-check]')) {
  const { check, minimum } = strength.dataset
  const texts = JSON.parse(strength.dataset.texts)
  const [bar, status] = strength.children
  const { password, link } = strength.closest('form').elements
  let timer
  let latest

  const say = (state, text) => {
    strength.dataset.state = state
    if (status.textContent !== text) status.textContent = text
  }

  const ask = async () => {
    const asked = password.value
    latest = asked
    const answer = await fetch(check, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: asked, link: link.value }),
    }).catch(() => undefined)
    if (!answer?.ok) return
    const { ok, reasons = [] } = await answer.json()
    // Typed on meanwhile: this answer is about another password.
    if (latest !== password.value) return
    const text = ok ? texts.good : reasons.map((reason) => texts[reason]).find(Boolean)
    if (text) say(ok ? 'good' : 'bad', text)
  }

  password.addEventListener('input', () => {
    const count = [...password.value.normalize('NFKC')].length
    strength.hidden = count === 0
    bar.value = count
    clearTimeout(timer)
    latest = undefined
    say('', texts.count.replace('#', count))
    if (count >= minimum) timer = setTimeout(ask, 300)
  })
}

/* A form is sent once, however often its button is pressed; again if the answer does not come. */
const release = () => {
  for (const form of all('[data-sent]')) delete form.dataset.sent
  for (const button of all('[aria-busy]')) button.removeAttribute('aria-busy')
}
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.dataset.sent !== undefined) return event.preventDefault()
  form.dataset.sent = ''
  event.submitter?.setAttribute('aria-busy', 'true')
  setTimeout(release, 10_000)
})
addEventListener('pageshow', release)

for (const form of all('[data-automatic]')) form.requestSubmit(form.querySelector('button'))
