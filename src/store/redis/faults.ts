/**
 * Tells a Redis that cannot answer now (503, try again) from a mistake of ours (500).
 *
 * ioredis hangs the command with its arguments on errors, and a server repeats some in its message: both stay here.
 */
import { ReplyError } from 'ioredis'
import { AppError } from '../../lib/errors.ts'
import { unavailable } from '../unavailable.ts'

/** The answers of a server that is up and cannot do it now. In a script's error they stand further on, after a dash. */
const UNAVAILABLE = new RegExp(
  `(?:^|-)(?:${[
    'LOADING',
    'READONLY',
    'OOM',
    'MISCONF', // it cannot write its file: the disk is full
    'NOREPLICAS',
    'MASTERDOWN',
    'CLUSTERDOWN',
    'TRYAGAIN',
    'MOVED',
    'ASK',
    'BUSY',
    'NOAUTH', // the password was changed, and not yet here
    'WRONGPASS',
    'NOPERM',
    'DENIED', // it was opened to others without a password, and protects itself
  ].join('|')})\\b|^ERR (?:max number of clients|Script attempted to)`,
)

const WITH_ARGUMENTS = /,? with args beginning with.*$/s

/** Of the language: nothing that a connection ends with. */
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError]

/** The fault to hand on: `store-unavailable` if waiting may help, the fault itself, without its arguments, if not. */
export function redisFault(fault: unknown): unknown {
  if (fault instanceof AppError) return fault
  const bare = withoutArguments(fault)
  if (isReply(fault) && !UNAVAILABLE.test(fault.message)) return bare
  if (MISTAKES.some((one) => fault instanceof one)) return bare
  // Whatever else a command ends with is about the connection: closed, refused, timed out, not made yet.
  return unavailable('Redis cannot answer now', bare)
}

export function isDemoted(fault: Error): boolean {
  return /(?:^|-)READONLY\b/.test(fault.message)
}

export function isUnknownScript(fault: unknown): boolean {
  return isReply(fault) && fault.message.startsWith('NOSCRIPT')
}

/** Of no use to wait for at a start. A Cluster tells of its last node's fault. */
export function isAccessRefused(fault: unknown): boolean {
  if (fault instanceof Error && 'lastNodeError' in fault) return isAccessRefused(fault.lastNodeError)
  return isReply(fault) && /^(?:NOAUTH|WRONGPASS|NOPERM)\b/.test(fault.message)
}

function isReply(fault: unknown): fault is Error {
  return fault instanceof ReplyError
}

function withoutArguments(fault: unknown): Error {
  if (!(fault instanceof Error)) return new Error('Redis failed without an error')
  const bare = new Error(fault.message.replace(WITH_ARGUMENTS, ''))
  bare.name = fault.name
  return bare
}
