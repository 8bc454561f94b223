/**
 * Pages of the library that are a form which posts itself: the answer by `form_post` (OAuth 2.0 Form Post Response Mode
 * section 2), and the end of the session of whoever was signed in before. (A sign-out where nobody is signed in leads on
 * without one: nobody-leaves.ts.) To a person without scripts they speak English, and look like nothing of ours; what is in them goes on from a page of ours.
 */

export interface PostedForm {
  action: string
  fields: Array<[string, string]>
}

const FORM = /<form method="post" action="([^"]*)">/
const FIELD = /<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g
const SIGNS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** The form of such a page (lib/response_modes/form_post.js), or undefined where the body is none. */
export function postedForm(body: unknown): PostedForm | undefined {
  if (typeof body !== 'string' || !body.includes('<title>Submitting Callback</title>')) return undefined
  const action = FORM.exec(body)?.[1]
  if (action === undefined) throw new Error('oidc-provider: the form that posts itself is not as it was')
  const fields = [...body.matchAll(FIELD)].map(([, name = '', value = '']): [string, string] => [name, plain(value)])
  return { action: plain(action), fields }
}

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (sign, name: string) => SIGNS[name] ?? sign)
}
