/** A form as the body of a request, which can be sent more than once. */
export async function writtenForm(form: FormData): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> }> {
  const written = new Response(form)
  return { type: written.headers.get('content-type') ?? '', bytes: new Uint8Array(await written.arrayBuffer()) }
}
