// The control API, and nothing else: every call that the page makes goes through here.

class ApiError extends Error {
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

async function request(method, path, { query, body, form } = {}) {
  const search = new URLSearchParams(
    Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
  const address = `/sandbox/api/${path}${search.size ? `?${search}` : ""}`;
  const options = { method };
  if (form) options.body = form;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new ApiError("The sandbox does not answer. Is it still running?", 0, {});
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new ApiError(answer.error ?? `The sandbox answered ${response.status}.`, response.status, answer);
  return answer;
}

export const get = (path, query) => request("GET", path, { query });
export const post = (path, body) => request("POST", path, { body });
export const remove = (path, query) => request("DELETE", path, { query });
export const upload = (path, form) => request("POST", path, { form });

export const slack = {
  get: (path, query) => get(`slack/${path}`, query),
  post: (path, body) => post(`slack/${path}`, body),
  fileUrl: (id) => `/sandbox/api/slack/file/${encodeURIComponent(id)}`,
};
