/** Forms as their page has them: what has to be filled in, what has a shape, and what the page says of it. */
import { attribute, unescaped } from '../people/person.ts'

export interface Field {
  tag: string
  name: string
  /** As the browser has it, `textarea` and `select` included. */
  type: string
  required: boolean
  value: string
}

export interface Form {
  action: string
  method: string
  file: boolean
  /** What is sent along whatever is typed: hidden fields, and the button that Enter presses. */
  fixed: Record<string, string>
  fields: Field[]
}

/** What is typed into a field of this type that is not of its shape. */
const MALFORMED: Record<string, string> = {
  email: 'no address',
  url: 'no address',
  date: 'some day',
  tel: 'no number',
  numeric: '12 x',
}

export function formsOn(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, open = '', inside = '']) => {
    const all = [...inside.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)].map(([tag]) => fieldOf(tag, inside))
    const [button] = [...inside.matchAll(/<button\b(?![^>]*type="button")[^>]*>/g)].map(([tag]) => tag)
    const pressed = button && attribute(button, 'name')
    return {
      action: attribute(open, 'action') ?? '',
      method: attribute(open, 'method') ?? 'get',
      file: /multipart/.test(open),
      fixed: {
        ...Object.fromEntries(all.filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value])),
        ...(pressed && { [pressed]: attribute(button, 'value') ?? '' }),
      },
      // Fields that only a password manager reads are read only.
      fields: all.filter(({ type, tag }) => type !== 'hidden' && !/\breadonly\b/.test(tag)),
    }
  })
}

/** Forms in which something can be missing or malformed. */
export function checkedForms(html: string): Form[] {
  return formsOn(html).filter(({ fields }) => fields.some((field) => field.required || malformed(field) !== undefined))
}

export function malformed({ type, tag }: Field): string | undefined {
  return MALFORMED[/inputmode="numeric"/.test(tag) ? 'numeric' : type]
}

/** What is typed in where a page may not show it again. */
export function isSecret({ type, name }: Field): boolean {
  return type === 'password' || name === 'code'
}

/** What the page says at this field; undefined where it is not marked, nothing is said, or the keyboard is at neither it nor an earlier fault. */
export function saidAt(html: string, field: Field): string | undefined {
  const [group = ''] = html.match(new RegExp(`<fieldset[^>]*>(?:(?!</fieldset>)[\\s\\S])*name="${field.name}"`)) ?? []
  const tag = tagOf(html, field)
  // A radio button is never invalid by itself (WAI-ARIA 1.2): its group says what is wrong.
  const marked = field.type === 'radio' ? /<fieldset[^>]*>/.exec(group)?.[0] : tag
  if (!tag || !marked || (field.type !== 'radio' && !/aria-invalid="true"/.test(tag))) return undefined
  const about = (attribute(marked, 'aria-describedby') ?? '').split(' ')
  const faults = about.filter((id) => /-(?:error|fault)$|^problem$/.test(id))
  const focused = /<[a-z]+\b[^>]*\sautofocus[^>]*>/.exec(html)?.[0] ?? ''
  const earlier = /aria-invalid="true"/.test(focused) && html.indexOf(focused) < html.indexOf(tag)
  if (focused !== tag && !earlier && !faults.includes(attribute(focused, 'id') ?? '')) return undefined
  return (
    faults
      .map((id) => textOf(html, id))
      .join(' ')
      .trim() || undefined
  )
}

/** What the field holds on this page. */
export function heldBy(html: string, field: Field): string | undefined {
  const tag = tagOf(html, field)
  if (!tag) return undefined
  if (field.type === 'checkbox') return /\schecked\b/.test(tag) ? field.value : ''
  if (field.type === 'textarea') return unescaped(html.split(tag)[1]?.split('</textarea>')[0]?.trim() ?? '')
  return attribute(tag, 'value') ?? ''
}

function tagOf(html: string, { name }: Field): string | undefined {
  return [...html.matchAll(/<(?:input|select|textarea)\b[^>]*>/g)]
    .map(([tag]) => tag)
    .find((tag) => attribute(tag, 'name') === name)
}

function textOf(html: string, id: string): string {
  const [, inside = ''] = new RegExp(`<(?:p|div)[^>]*\\sid="${id}"[^>]*>([\\s\\S]*?)</(?:p|div)>`).exec(html) ?? []
  return inside
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function fieldOf(tag: string, inside: string): Field {
  const element = /^<([a-z]+)/.exec(tag)?.[1] ?? ''
  return {
    tag,
    name: attribute(tag, 'name') ?? '',
    type: element === 'input' ? (attribute(tag, 'type') ?? 'text') : element,
    required: /\srequired\b/.test(tag),
    value: (element === 'select' ? optionIn(inside.split(tag)[1] ?? '') : attribute(tag, 'value')) ?? '',
  }
}

function optionIn(after: string): string | undefined {
  const [options = ''] = after.split('</select>')
  const tags = [...options.matchAll(/<option\b[^>]*>/g)].map(([tag]) => tag)
  const chosen = tags.find((tag) => /\sselected\b/.test(tag)) ?? tags[0]
  return chosen && attribute(chosen, 'value')
}
