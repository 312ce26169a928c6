################################################################################
# Domain
################################################################################

variable "domain_name" {
  description = "Name of your own that clients connect to, such as `signaling.example.com`; `websocket_url` is then `wss://` and this name, without a stage. It takes `route53_zone_id`, or `certificate_arn` and a DNS record that you make yourself. Null is the API's own name."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain_name))
    error_message = "`domain_name` is a name such as signaling.example.com, in lowercase and without a scheme, a path or a wildcard, or null; got \"${var.domain_name == null ? "null" : var.domain_name}\"."
  }

  validation {
    condition     = var.domain_name == null || var.certificate_arn != null || var.route53_zone_id != null
    error_message = "`domain_name` takes a certificate: set `route53_zone_id`, and one is made and validated there, or `certificate_arn`."
  }

  validation {
    condition     = var.domain_name != null || (var.certificate_arn == null && var.route53_zone_id == null)
    error_message = "`certificate_arn` and `route53_zone_id` are for `domain_name`, which is not set."
  }
}

variable "certificate_arn" {
  description = "ARN of a certificate of ACM for `domain_name`, in the region of the deployment. Null makes one and validates it by a record in `route53_zone_id`."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:aws[a-z-]*:acm:${var.aws_region}:[0-9]{12}:certificate/[0-9a-f-]+$", var.certificate_arn))
    error_message = "`certificate_arn` is the ARN of a certificate of ACM in ${var.aws_region}, because API Gateway takes no other region's, or null; got \"${var.certificate_arn == null ? "null" : var.certificate_arn}\"."
  }
}

variable "route53_zone_id" {
  description = "Id of the public hosted zone of Route 53 that `domain_name` belongs to: the certificate is validated there, and the name's records are made. Null leaves the DNS record to you: `domain_target` says where it has to point."
  type        = string
  default     = null

  validation {
    condition     = var.route53_zone_id == null ? true : can(regex("^Z[A-Z0-9]{1,31}$", var.route53_zone_id))
    error_message = "`route53_zone_id` is the id of a hosted zone, such as Z0123456789ABCDEFGHIJ, or null; got \"${var.route53_zone_id == null ? "null" : var.route53_zone_id}\"."
  }
}

variable "disable_execute_api_endpoint" {
  description = "Whether the API answers at `domain_name` alone, and no longer at its own name. The function then posts to peers by that domain too: apply with `domain_name` first, and set this when the name resolves."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.disable_execute_api_endpoint || var.domain_name != null
    error_message = "`disable_execute_api_endpoint` takes `domain_name`: the API's own endpoint is also the one at which the function posts to connections, so without another name no frame would reach a peer."
  }
}
