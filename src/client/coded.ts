/** What a rule of ours says, with a code that programs can tell it by. */
export function coded(code: string, message: string) {
  return { message, params: { code } }
}
