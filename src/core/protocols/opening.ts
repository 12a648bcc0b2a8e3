/** Said for a user where a conversation begins with the model, which some vendors do not allow. */
export const OPENING = '(The conversation begins with the assistant.)'
