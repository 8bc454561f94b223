/**
 * The end of a server: not ready at once, no new connections after a moment, requests under way finish, and then it is
 * gone with exit code 0. In the log it is two lines, `stopping` and `stopped`.
 */
import type { Config } from './config.ts'
import { isStoreLost } from './lib/errors.ts'
import type { Log } from './lib/log.ts'
import { SECOND } from './lib/time.ts'
import type { Closable } from './web/closing.ts'

/** Time that load balancers get to notice `/readyz`. */
const NOTICE = 5 * SECOND
/** Exit code when the disk failed to keep something: EX_IOERR of sysexits(3). */
const DISK_FAILED = 74
/** The same when the store is another server's: what stands in the way is told by the next start. */
const STORE_LOST = 1
const LOST = 'the store is no longer the one of this server'
/** Time for all of the stop; whoever starts us kills us after 30 seconds by custom. */
const PATIENCE = 25 * SECOND
/** The same after the disk failed. */
const FAILURE = 5 * SECOND
/**
 * How much of that requests under way get, the notice among it. Whoever sends one a byte at a time holds up no more: the rest
 * is for writing what was counted.
 */
const FINISHING = 0.8
/** Between two looks at whether whoever started us is still there. */
const LOOK = SECOND / 4
/** A signal that comes again within this is the same one, told twice. */
const ECHO = SECOND / 2

/** What there is to be ended. */
export interface Stoppable {
  /** From now on `/readyz` says no. */
  drainRequests(): void
  close(): Promise<void>
  core: { store: { failed?: Promise<unknown> } }
}

/** Why, for the log: a signal's name where there was one. */
type Cause = { signal: NodeJS.Signals } | { reason: string }

/**
 * On SIGTERM or SIGINT, and whenever the function that it returns is called. Twice: exit 1 at once.
 *
 * When nothing that is written is known to be kept any more, only a new start helps. Whoever starts us, systemd or the
 * like, learns it by the exit code; there is nothing to wait for, as whoever comes until then is answered 503.
 */
export function stopWhenDue(
  { production }: Pick<Config, 'production'>,
  app: Stoppable,
  listeners: Closable[],
  log: Log,
): (cause: Cause) => Promise<void> {
  let begun: number | undefined
  const underWay = () => listeners.reduce((sum, listener) => sum + listener.underWay(), 0)

  async function end(cause: Cause, patience: number, notice = 0): Promise<void> {
    begun = performance.now()
    log.info({ ...cause, requests: underWay() }, 'stopping')
    const forced = setTimeout(() => leave(process.exitCode ?? 1), patience)
    for (const listener of listeners) listener.announce()
    await new Promise((done) => setTimeout(done, notice))
    const finished = Promise.all(listeners.map((listener) => listener.close()))
    await Promise.race([finished, new Promise((done) => setTimeout(done, FINISHING * patience - notice))])
    await app.close()
    clearTimeout(forced)
    leave(process.exitCode ?? (underWay() > 0 ? 1 : 0))
  }

  function leave(code: string | number): void {
    const [milliseconds, left] = [Math.round(performance.now() - (begun ?? 0)), underWay()]
    // Whoever waited for these was cut off.
    log[left > 0 ? 'warn' : 'info']({ milliseconds, left }, 'stopped')
    process.exit(code)
  }

  async function stop(cause: Cause): Promise<void> {
    if (begun === undefined) {
      app.drainRequests()
      await end(cause, PATIENCE, production ? NOTICE : 0)
      return
    }
    // Ctrl+C reaches us from the terminal, and from npm once more.
    if (performance.now() - begun >= ECHO) leave(1)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop({ signal }))
  app.core.store.failed?.then(async (fault) => {
    const lost = isStoreLost(fault)
    log.fatal(
      { fault },
      `${lost ? LOST : 'the disk did not keep what was written'}: this process ends and has to be started again`,
    )
    process.exitCode = lost ? STORE_LOST : DISK_FAILED
    if (begun === undefined) await end({ reason: lost ? LOST : 'the disk failed' }, FAILURE)
  })
  return stop
}

/**
 * Of npm: it hands SIGTERM and SIGINT on, and ends by SIGHUP or SIGKILL without a word to what it started. Then somebody
 * else is our parent, which is how we know.
 */
export function stopAfter(parent: number, stop: (cause: Cause) => Promise<void>): void {
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    void stop({ reason: 'whoever started this process has ended' })
  }, LOOK)
  watch.unref()
}
