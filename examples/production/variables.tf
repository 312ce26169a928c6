variable "aws_region" {
  description = "Region to deploy to."
  type        = string
  default     = "us-east-1"
}

variable "domain_name" {
  description = "Domain of the hosted zone. Clients connect to `signaling.` and this name, from pages of `app.` and this name."
  type        = string
  default     = "example.com"
}

variable "route53_zone_id" {
  description = "Id of the domain's public hosted zone."
  type        = string
}

variable "disable_execute_api_endpoint" {
  description = "Whether the API answers at its domain alone. Apply with false first."
  type        = bool
  default     = false
}

variable "function_version" {
  description = "Version of the function to serve: a roll-back. Null is the newest."
  type        = string
  default     = null
}

variable "manage_account_logging" {
  description = "Whether this deployment sets the account's role for API Gateway's logs. False if another stack of the account and region has set it."
  type        = bool
  default     = true
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete the table and the packages. Apply with true before you destroy."
  type        = bool
  default     = false
}

variable "callback_endpoint" {
  description = "For a test in an emulator of AWS, whose APIs answer elsewhere. Leave it out."
  type        = string
  default     = null
}
