/**
 * The door when more people come than can be served, before anything is kept, read or rendered for them. Strangers who
 * only begin are asked to come back; a password is refused where it would wait for too long. Everything else goes in, one
 * piece of work in each turn of the event loop, or four of programs: those first, then whoever is signed in and begins another
 * sign-in, then whoever has begun, and strangers last.
 *
 * Each process decides for itself, by its own queues. By address only sign-ins are counted that are left open: an office comes
 * from one, and finishes what it begins. That is decided where a sitting is made (oidc/left-open.ts), and looked at here first.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ParameterizedContext } from 'koa'
import type { Source } from '../audit/audit.ts'
import { ration } from '../lib/ration.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { turnstile } from '../lib/turnstile.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { doorAt } from '../oidc/doors.ts'
import type { Room } from '../oidc/left-open.ts'
import { type BusyPage, retryWhenFull } from './busy-page.ts'
import type { CookieJar } from './cookies.ts'
import { languageOf } from './language.ts'
import { factsOf } from './request.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

export interface CrowdDoorParts {
  /** Milliseconds that a password waits to be checked that comes now. */
  wait: () => number
  busy: BusyPage
  cookies: CookieJar
  /** Name of the cookie of whoever is signed in. */
  session: string
  /** Whether somebody is signed in in this session. It may reject: then the store does not answer. */
  isSignedIn: (session: string) => Promise<boolean>
  metrics: Pick<Metrics, 'countBusy'>
  /** For sign-ins that are left open, by address. */
  sittings: Pick<Room, 'has'>
  /** Told of whoever is refused because so many were left open where they come from. */
  onFull: (source: Source) => void
  now: Clock
  /** From 0 to 1, without 1. */
  random?: () => number
}

export interface CrowdDoor {
  enter(request: IncomingMessage, response: ServerResponse): void
  /** Told of each connection. */
  connected(): void
}

/** Milliseconds that a password may wait, up to which strangers begin. */
const STRANGERS = 1.5 * SECOND
/** Milliseconds that a request may wait for its turn, up to which strangers begin. */
const TURN = SECOND
/** Milliseconds that a password may wait. */
const PASSWORD = 15 * SECOND
/** Passwords under way, up to which one page may have several of them. */
const FEW = 16
/** Seconds: nobody is sent away for longer. */
const LONGEST = 60
/**
 * How often one cookie goes in where strangers do not, in ten seconds. It is signed, but whoever has an account has one, and
 * may copy it and send it as often as they like. A password costs a hash, and people type one.
 */
const KNOWN = {
  first: { each: 20, all: 50_000, window: 10 * SECOND },
  password: { each: 2, all: 50_000, window: 10 * SECOND },
}

/** Part of a turn that a program's request takes up: what it costs, beside a page. */
const PROGRAM = 1 / 4

const RANKS = { program: 0, signedIn: 1, begun: 2, stranger: 3 } as const

/** `contextOf` makes what the front end reads cookies and languages of. */
export function crowdDoor(
  parts: CrowdDoorParts,
  handle: Handle,
  contextOf: (request: IncomingMessage, response: ServerResponse) => ParameterizedContext,
): CrowdDoor {
  const { wait, busy, cookies, session, isSignedIn, metrics, sittings, onFull, now, random = Math.random } = parts
  const turns = turnstile(Object.keys(RANKS).length)
  const places = { first: ration(KNOWN.first, now), password: ration(KNOWN.password, now) }
  /** Pages whose passwords have no answer yet, and how many. */
  const underWay = new Map<string, number>()
  let passwords = 0

  function isUnderWay({ page }: Asked): boolean {
    return page !== undefined && underWay.has(page)
  }

  /** The session in whose name somebody may ask to go in all the same. */
  function claimOf(ctx: ParameterizedContext, asked: Asked): string | undefined {
    if (isUnderWay(asked)) return undefined
    // Its signature is of our key: whoever made it up, or was given it by a sibling domain, is a stranger. Only what is
    // signed is counted, and only what is left of its share is looked up.
    const signed = ctx.cookies.get(session, { signed: true })
    return signed !== undefined && places[asked.place](signed) ? signed : undefined
  }

  /** What there is too much of. */
  function tooMuch({ place, page }: Asked, { ip }: Source): 'first' | 'sittings' | 'password' | undefined {
    if (place === 'first') {
      if (wait() > STRANGERS || turns.wait() > TURN) return 'first'
      return sittings.has(ip) ? undefined : 'sittings'
    }
    const isOneTooMany = passwords >= FEW && page !== undefined && underWay.has(page)
    return wait() > PASSWORD || isOneTooMany ? 'password' : undefined
  }

  /** A page takes as many passwords as one likes, and each is checked; so one at a time. */
  function follow(page: string, response: ServerResponse): void {
    passwords += 1
    underWay.set(page, (underWay.get(page) ?? 0) + 1)
    response.once('close', () => {
      passwords -= 1
      const left = (underWay.get(page) ?? 1) - 1
      if (left > 0) underWay.set(page, left)
      else underWay.delete(page)
    })
  }

  /** Longer the more are waiting, and not the same for everybody: whoever was refused at once must not come back at once. */
  function retryAfter(): number {
    const ahead = (wait() + turns.wait()) / SECOND
    return Math.min(LONGEST, Math.floor(1 + ahead + random() * (1 + ahead)))
  }

  return {
    connected: turns.connected,
    enter(request, response) {
      const asked = placeOf(request)
      const begin = () => void (response.destroyed || handle(request, response))
      const go = (rank: number, page?: string) => {
        if (page !== undefined) follow(page, response)
        turns.pass(rank, begin)
      }
      if (asked === 'program') return turns.pass(RANKS.program, begin, PROGRAM)
      if (asked === 'other') return go(RANKS.begun)
      const source = factsOf(request)
      const why = tooMuch(asked, source)
      if (!why && asked.place === 'password') return go(RANKS.begun, asked.page)
      // The cookie is looked at only where it makes a difference.
      if (!why && turns.waiting() === 0) return go(RANKS.stranger)
      const ctx = contextOf(request, response)
      const decide = (known: boolean) => {
        // Others may have come while the session was looked up, of the same page too; and this one may be gone.
        if (response.destroyed) return
        if (known && !isUnderWay(asked)) return go(RANKS.signedIn, asked.page)
        if (!why) return go(RANKS.stranger)
        metrics.countBusy(why)
        if (why === 'sittings') onFull(source)
        const { status, headers, bytes } = busy(request, {
          locale: ctx.accepts('html', 'json') === 'json' ? undefined : languageOf(ctx, cookies, ctx.query.ui_locales),
          retryAfter: why === 'sittings' ? retryWhenFull(random) : retryAfter(),
          again: asked.page,
        })
        response.writeHead(status, headers).end(bytes)
      }
      const claim = claimOf(ctx, asked)
      if (claim === undefined) return decide(false)
      isSignedIn(claim).then(decide, () => decide(false))
    },
  }
}

/**
 * `first`: where a sign-in begins. `password`: a form with one. A form that another site posts to begin one goes on as a
 * GET, which costs next to nothing (provider-door.ts).
 */
interface Asked {
  place: 'first' | 'password'
  /** Of a password: the page that its form is on, for what was typed is gone, and where the person was going is not. */
  page?: string
}

function placeOf({ method, url = '' }: IncomingMessage): Asked | 'program' | 'other' {
  const [path = ''] = url.split('?', 1)
  const door = doorAt(path)?.door
  if (door?.path === '/auth') return method === 'POST' ? 'other' : { place: 'first' }
  if (door?.asker === 'program') return 'program'
  const page = method === 'POST' ? passwordPage(path) : undefined
  return page === undefined ? 'other' : { place: 'password', page }
}

/** The page whose password is taken at this address, in every spelling of it that leads there. */
function passwordPage(path: string): string | undefined {
  const [, room = '', ...parts] = path.split('/')
  const [uid = '', prompt] = parts.map(decoded)
  if (room.toLowerCase() !== 'interaction' || prompt !== 'login') return undefined
  // Anything else names no sitting.
  return /^[\w-]+$/.test(uid) ? `/interaction/${uid}` : undefined
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
