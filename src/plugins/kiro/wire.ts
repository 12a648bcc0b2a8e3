/*
 * The JSON of `GenerateAssistantResponse`, as far as byok writes it.
 *
 * Sources: aws/amazon-q-developer-cli, crates/amzn-codewhisperer-streaming-client/src (types/_user_input_message.rs,
 * protocol_serde/shape_generate_assistant_response_input.rs); hongyilyu/opencode-v2-kiro-auth, src/request.ts, which was
 * checked against what kiro-cli 2.18 sends.
 */

export type KiroRequest = {
  conversationState: {
    conversationId: string
    chatTriggerType: 'MANUAL'
    agentTaskType: 'vibe'
    history: (KiroUserEntry | KiroAssistantEntry)[]
    currentMessage: KiroUserEntry
  }
  additionalModelRequestFields?: Record<string, unknown>
}

export type KiroUserEntry = {
  userInputMessage: {
    content: string
    modelId: string
    /**
     * Which of Kiro's surfaces the request belongs to (`Origin` of the service model). `KIRO_CLI` is the one the
     * `runtime` hosts serve logins and keys alike under.
     */
    origin: 'KIRO_CLI'
    images?: KiroImage[]
    userInputMessageContext?: {
      tools?: KiroTool[]
      toolResults?: KiroToolResult[]
    }
  }
}

export type KiroAssistantEntry = {
  assistantResponseMessage: {
    content: string
    toolUses?: KiroToolUse[]
    reasoningContent?: KiroReasoning
  }
}

/** `bytes` is base64. */
export type KiroImage = { format: 'png' | 'jpeg' | 'gif' | 'webp'; source: { bytes: string } }

export type KiroTool = {
  toolSpecification: { name: string; description: string; inputSchema: { json: Record<string, unknown> } }
}

export type KiroToolUse = { toolUseId: string; name: string; input: Record<string, unknown> }

export type KiroToolResult = { toolUseId: string; content: { text: string }[]; status: 'success' | 'error' }

/** One proof a message: a signed text, or what only the service can read. */
export type KiroReasoning = { reasoningText: { text: string; signature: string } } | { redactedContent: string }
