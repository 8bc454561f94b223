/** A disk of 4 MB that can be filled. Only root can make one. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** Why there can be none; undefined if there can. */
export const noSmallDisk: string | undefined = whyNot()

function whyNot(): string | undefined {
  try {
    mount(mkdtempSync(join(tmpdir(), 'sigma-id-disk-')))()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
  }
}

function mount(folder: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return () => {
    execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
  }
}

export interface SmallDisk {
  folder: string
  /** To the last byte. */
  fill(): void
  free(): void
}

/** For one test. */
export function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-disk-'))
  onTestFinished(mount(folder))
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      for (const size of [65_536, 4096, 512, 1]) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(size))
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' })
        }
      }
    },
    free: () => rmSync(filler),
  }
}
